import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { call } from '~/api/client'
import type { RecordData } from '~/api/schemas'
import { keptOnDevice } from '~/device/kept'
import { useWords } from '~/i18n'
import { useDrafts, useItems } from '~/outbox/useOutbox'
import { saveDraft } from '~/outbox/work'
import { KINDS, codeOf } from '~/records/kinds'
import { useCatalog } from '~/records/useCatalog'
import { useSession } from '~/session/session'
import { Icon } from '~/ui/Icon'
import { recordTitle, useRecord } from './record-context'

/** The incidents of a case, and the way to a new one, which is filled from the case. */
export function IncidentsCard() {
  const { t } = useWords()
  const { may } = useSession()
  const open = useRecord()
  const catalog = useCatalog()
  const navigate = useNavigate()
  const mayRead = may('incidents', 'read')
  const mayBegin = may('incidents', 'create') || may('cases', 'incident_from_case')
  const list = useQuery({
    queryKey: ['record', open.id, 'incidents'],
    enabled: mayRead && open.version !== undefined,
    queryFn: ({ signal }) => keptOnDevice(`incidents/${open.id}`, async () => (await call<RecordData[]>(`/api/v2/cases/${open.id}/incidents`, { signal })).data),
  })
  const unsent = useUnsentIncidents(open.id)
  const known = new Set(unsent.map((one) => one.id))
  const incidents = [...unsent, ...(list.data ?? []).filter((one) => !known.has(one.id))]
  if (!mayRead && !mayBegin) return null

  const start = async () => {
    const { begin, incidentOf } = await import('./begin')
    const begun = begin(catalog, KINDS.incident, String(open.values.module_id ?? ''), incidentOf(catalog, open.values))
    if (begun === null) return
    await saveDraft(begun.draft)
    await navigate({ to: '/$place/$id/edit/$section', params: { place: KINDS.incident.place, id: begun.draft.id, section: begun.section } })
  }
  return (
    <section className="card stack-tight" aria-labelledby="incidents">
      <h2 id="incidents">{t('nav.incident')}</h2>
      {incidents.length === 0 && <p className="soft">{t('incidents.none')}</p>}
      <ul className="lines">
        {incidents.map((one) => <li key={one.id}><IncidentLine values={one} isUnsent={known.has(one.id)} /></li>)}
      </ul>
      {mayBegin && <div className="no-print"><button type="button" className="button" onClick={() => void start()}><Icon name="add" /> {t('new.title.incident')}</button></div>}
    </section>
  )
}

function IncidentLine({ values, isUnsent }: { values: RecordData; isUnsent: boolean }) {
  const { t, date, language } = useWords()
  const catalog = useCatalog()
  const kind = KINDS.incident
  const [title, code] = [recordTitle({ kind, values }, catalog, language), codeOf(kind, values)]
  const on = values.incident_date_derived ?? values.incident_date ?? values.date_of_first_report
  return (
    <Link to="/$place/$id" params={{ place: kind.place, id: values.id }} className="task">
      <span className="stack-none"><bdi>{title}</bdi>{title !== code && <span className="soft small number">{code}</span>}</span>
      <span className="row">
        {isUnsent && <span className="mark mark-warning">{t('work.waiting')}</span>}
        {typeof on === 'string' && <span className="mark">{date(on)}</span>}
      </span>
    </Link>
  )
}

/** Incidents of the case that are on this device only. */
function useUnsentIncidents(caseId: string): RecordData[] {
  const drafts = [...useDrafts().values()].filter((draft) => draft.isNew && draft.patch.incident_case_id === caseId)
  const items = useItems().filter((item) => item.isNew && item.patch.incident_case_id === caseId)
  return [...drafts.map((draft) => ({ ...draft.patch, id: draft.id })), ...items.map((item) => ({ ...item.patch, id: item.recordId }))]
}
