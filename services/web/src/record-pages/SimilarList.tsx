import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useWords } from '~/i18n'
import { useHiddenNames } from '~/lists/HideNames'
import { type Kind, codeOf } from '~/records/kinds'
import type { Values } from '~/records/patch'
import { useCatalog } from '~/records/useCatalog'
import { fieldName, inWords } from '~/records/values'
import { Compared, type ComparedLine } from '~/ui/Compared'
import { Dialog } from '~/ui/Dialog'
import { recordTitle } from './record-context'
import type { Candidate } from './similar'

interface Props {
  kind: Kind
  candidates: Candidate[]
  typed: Values
  dimmed: boolean
}

/** Records that may be of the same person, each with what speaks for it and a comparison. */
export function SimilarList({ kind, candidates, typed, dimmed }: Props) {
  const [compared, setCompared] = useState<Candidate | null>(null)
  return (
    <ul className="stack narrow similar" data-dimmed={dimmed}>
      {candidates.map((one) => <li key={one.row.id}><Card kind={kind} candidate={one} onCompare={() => setCompared(one)} /></li>)}
      {compared !== null && <Compare kind={kind} candidate={compared} typed={typed} onClose={() => setCompared(null)} />}
    </ul>
  )
}

const TIERS = { strong: 'similar.strong', probable: 'similar.likely', possible: 'similar.possible', same_family: 'similar.same_family' } as const
const isTier = (tier: string | null): tier is keyof typeof TIERS => tier !== null && tier in TIERS

function Card({ kind, candidate: { row, tier, reasons, unsent }, onCompare }: { kind: Kind; candidate: Candidate; onCompare: () => void }) {
  const { t, language } = useWords()
  const catalog = useCatalog()
  const hidden = useHiddenNames() && kind.namesPeople
  const code = codeOf(kind, row)
  const title = hidden ? code : recordTitle({ kind, values: row }, catalog, language)
  return (
    <section className="card stack-tight" aria-label={title}>
      <p className="row">
        <Link to="/$place/$id" params={{ place: kind.place, id: row.id }} className="row-link-plain"><bdi>{title}</bdi></Link>
        {title !== code && <span className="number tiny soft">{code}</span>}
        {unsent && <span className="mark mark-warning">{t('similar.unsent')}</span>}
        {isTier(tier) && <span className={tier === 'strong' || tier === 'probable' ? 'mark mark-warning' : 'mark'}>{t(TIERS[tier])}</span>}
      </p>
      {row.owned_by != null && <p className="small soft">{t('case.owner')}: <bdi>{String(row.owned_by)}</bdi></p>}
      {reasons.length > 0 && <ul className="small stack-none">{reasons.slice(0, 4).map((reason) => <li key={reason}>{reason}</li>)}</ul>}
      <div><button type="button" className="button" onClick={onCompare}>{t('similar.compare')}<span className="only-read">: {title}</span></button></div>
    </section>
  )
}

/** What is compared where both sides say something, and what the known side says besides. */
const ASKED = ['name', 'name_first', 'name_middle', 'name_last', 'age', 'sex', 'location_current', 'registration_date', 'owned_by', 'status', 'workflow', 'risk_level']

/** What was typed beside what is known; what differs comes first. */
function Compare({ kind, candidate: { row }, typed, onClose }: { kind: Kind; candidate: Candidate; typed: Values; onClose: () => void }) {
  const words = useWords()
  const { t } = words
  const catalog = useCatalog()
  const whole = { name: ['name_first', 'name_middle', 'name_last'].map((part) => typed[part]).filter(Boolean).join(' ') || undefined, ...typed }
  const said = (name: string, value: unknown) => {
    if (value === undefined || value === null || value === '') return ''
    const field = catalog.field(kind.type, name)
    return field === undefined ? String(value) : inWords(catalog, field, value, words)
  }
  const sameness = (mine: string, known: string) => (mine === '' || known === '' ? null : mine === known)
  const lines = [...new Set([...kind.title, ...ASKED])]
    .map((name) => ({ name, mine: said(name, whole[name as keyof typeof whole]), known: said(name, row[name]) }))
    .filter((line) => line.known !== '' || (line.mine !== '' && !line.name.startsWith('name_')))
    .map(({ name, mine, known }): ComparedLine => ({ key: name, name: name === 'name' ? t('column.title.case') : fieldName(catalog, kind.type, name, words), one: mine, other: known, same: sameness(mine, known) }))
  return (
    <Dialog
      title={t('similar.compare')}
      wide
      phone="full"
      onClose={onClose}
      foot={<>
        <button type="button" className="button" onClick={onClose}>{t('similar.another')}</button>
        <Link to="/$place/$id" params={{ place: kind.place, id: row.id }} className="button button-main">{t('similar.same')}</Link>
      </>}
    >
      <Compared label={t('similar.compare')} sides={[t('similar.typed'), t('similar.known')]} lines={lines} />
    </Dialog>
  )
}
