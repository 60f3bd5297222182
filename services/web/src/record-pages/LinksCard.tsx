import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useWords } from '~/i18n'
import { type Kind, KINDS, codeOf } from '~/records/kinds'
import { useCatalog } from '~/records/useCatalog'
import { useSession } from '~/session/session'
import { useToast } from '~/ui/Toasts'
import { LinkDialog } from './LinkDialog'
import { handInPatch } from './hand-in'
import { recordQuery } from './queries'
import { recordTitle, useRecord } from './record-context'

/** Records of other types that a case names, and the right that links them. */
const LINKS = [
  { kind: KINDS.family, field: 'family_id', right: 'link_family_record' },
  { kind: KINDS.registry_record, field: 'registry_record_id', right: 'add_registry_record' },
] as const

/** The family and the registry record of a case. */
export function LinksCard() {
  const { t } = useWords()
  const { may } = useSession()
  const { values } = useRecord()
  const shown = LINKS.filter(({ kind, field, right }) => may(kind.place, 'read') && (values[field] != null || may('cases', right)))
  if (shown.length === 0) return null
  return (
    <section className="card stack-tight" aria-labelledby="links">
      <h2 id="links">{t('links.title')}</h2>
      {shown.map((link) => <LinkLine key={link.field} {...link} />)}
    </section>
  )
}

function LinkLine({ kind, field, right }: (typeof LINKS)[number]) {
  const { t } = useWords()
  const { may } = useSession()
  const open = useRecord()
  const say = useToast()
  const [choosing, setChoosing] = useState(false)
  const id = open.values[field]
  const put = async (value: string | null) => {
    setChoosing(false)
    say(t((await handInPatch(open, { [field]: value })) === 'sent' ? 'outbox.sent' : 'outbox.waiting'))
  }
  return (
    <div className="row">
      <span className="grow">{typeof id === 'string' ? <Named kind={kind} id={id} /> : <span className="soft">{t(`links.no.${kind.type as 'family' | 'registry_record'}`)}</span>}</span>
      {may('cases', right) && typeof id === 'string' && <button type="button" className="button button-plain no-print" onClick={() => void put(null)}>{t('links.remove')}<span className="only-read">: {t(`record.one.${kind.type}`)}</span></button>}
      {may('cases', right) && typeof id !== 'string' && <button type="button" className="button no-print" aria-haspopup="dialog" onClick={() => setChoosing(true)}>{t('links.choose')}<span className="only-read">: {t(`record.one.${kind.type}`)}</span></button>}
      {choosing && <LinkDialog kind={kind} onChoose={(row) => void put(row.id)} onClose={() => setChoosing(false)} />}
    </div>
  )
}

/** The case of an incident. */
export function CaseCard() {
  const { t } = useWords()
  const { values } = useRecord()
  if (typeof values.incident_case_id !== 'string') return null
  return (
    <section className="card stack-tight" aria-labelledby="of-case">
      <h2 id="of-case">{t('record.one.case')}</h2>
      <Named kind={KINDS.case} id={values.incident_case_id} />
    </section>
  )
}

/** Another record by its name, or by its kind alone where it is out of reach. */
function Named({ kind, id }: { kind: Kind; id: string }) {
  const { t, language } = useWords()
  const catalog = useCatalog()
  const { may } = useSession()
  const loaded = useQuery({ ...recordQuery(kind, id), enabled: may(kind.place, 'read'), retry: false })
  const values = loaded.data?.data
  if (values === undefined) return <span className="soft">{t(`record.one.${kind.type}`)} <span className="number">{id.slice(-7)}</span></span>
  return (
    <Link to="/$place/$id" params={{ place: kind.place, id }} className="section-link">
      <span className="stack-none"><bdi className="link-name">{recordTitle({ kind, values }, catalog, language)}</bdi><span className="small soft">{t(`record.one.${kind.type}`)} · <span className="number">{codeOf(kind, values)}</span></span></span>
    </Link>
  )
}
