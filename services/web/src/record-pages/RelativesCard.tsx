import { useNavigate } from '@tanstack/react-router'
import { Link } from '@tanstack/react-router'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '~/api/client'
import { useWords } from '~/i18n'
import { visibleFields } from '~/records/catalog'
import { collapsedFields, entryTitle } from '~/records/Facts'
import { KINDS, type RecordType } from '~/records/kinds'
import { useCatalog } from '~/records/useCatalog'
import { type Entry, entriesOf } from '~/records/values'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { recordChanged } from './queries'
import { useRecord } from './record-context'

/** Where relatives stand, and the call that makes a case of one of them. */
const SOURCES: Partial<Record<RecordType, { field: string; call: string; key: string }>> = {
  case: { field: 'family_details_section', call: 'family', key: 'family_detail_id' },
  family: { field: 'family_members', call: 'case', key: 'family_member_id' },
}

/** The relatives: their cases, and the way to a case for those who have none. */
export function RelativesCard() {
  const words = useWords()
  const catalog = useCatalog()
  const { kind, values } = useRecord()
  const source = SOURCES[kind.type]
  const field = source === undefined ? undefined : catalog.field(kind.type, source.field)
  const form = field === undefined ? undefined : catalog.subform(field)
  const entries = source === undefined ? [] : entriesOf(values[source.field])
  if (source === undefined || form === undefined || entries.length === 0) return null
  const titled = collapsedFields(form.collapsed_field_names, visibleFields(form))
  return (
    <section className="card stack-tight" aria-labelledby="relatives">
      <h2 id="relatives">{words.t('relatives.title')}</h2>
      <ul className="lines">
        {entries.map((entry, at) => <li key={entry.unique_id ?? at}><Relative entry={entry} name={entryTitle(catalog, titled, entry, words)} /></li>)}
      </ul>
    </section>
  )
}

function Relative({ entry, name }: { entry: Entry; name: string }) {
  const { t } = useWords()
  const { may } = useSession()
  const { kind, id, version } = useRecord()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const [error, setError] = useState<unknown>(null)
  const [command] = useState(() => crypto.randomUUID())
  const source = SOURCES[kind.type]
  const begin = async () => {
    if (source === undefined) return
    try {
      const { data } = await call<{ record: { id: string } }>(`/api/v2/${kind.place}/${id}/${source.call}`, { method: 'POST', body: { data: { [source.key]: entry.unique_id } }, commandId: command })
      recordChanged(cache, id)
      await navigate({ to: '/$place/$id', params: { place: KINDS.case.place, id: data.record.id } })
    } catch (failure) {
      setError(failure)
    }
  }
  const hasCase = typeof entry.case_id === 'string'
  return (
    <div className="relative">
      <bdi className="grow">{name === '' ? t('relatives.unnamed') : name}</bdi>
      {hasCase && entry.can_read_record === true && <Link to="/$place/$id" params={{ place: KINDS.case.place, id: String(entry.case_id) }} className="number">{String(entry.case_id_display ?? t('record.one.case'))}</Link>}
      {hasCase && entry.can_read_record !== true && <span className="soft small number">{String(entry.case_id_display ?? t('record.one.case'))}</span>}
      {!hasCase && version !== undefined && may(kind.place, 'case_from_family') && <button type="button" className="button no-print" onClick={() => void begin()}>{t('relatives.begin')}<span className="only-read">: {name}</span></button>}
      {error !== null && <Failure error={error} />}
    </div>
  )
}
