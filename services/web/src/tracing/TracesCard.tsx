import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useWords } from '~/i18n'
import { useRecord } from '~/record-pages/record-context'
import { KINDS } from '~/records/kinds'
import { labelOf } from '~/records/options'
import { useCatalog } from '~/records/useCatalog'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { type Trace, confirmMatch, tracesOfCase, tracesOfRequest } from './queries'

/** The children that a request seeks: found, or the way to who they may be. */
export function TracesCard() {
  const { t } = useWords()
  const { may } = useSession()
  const { id, version } = useRecord()
  const traces = useQuery({ ...tracesOfRequest(id), enabled: version !== undefined })
  return (
    <section className="card stack-tight" aria-labelledby="traces">
      <h2 id="traces">{t('tracing.sought')}</h2>
      {traces.data?.length === 0 && <p className="soft">{t('tracing.none_sought')}</p>}
      <ul className="lines">
        {(traces.data ?? []).map((trace) => (
          <li key={trace.id} className="relative">
            <Sought trace={trace} />
            {trace.matched_case_id != null && <Matched trace={trace} caseId={trace.matched_case_id} />}
            {trace.matched_case_id == null && may('potential_matches', 'read') && (
              <Link to="/$place/$id/matches" params={{ place: 'tracing_requests', id }} search={{ trace: trace.id }} className="button">{t('tracing.find')}<span className="only-read">: {trace.name}</span></Link>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The sought child in a line. */
export function Sought({ trace }: { trace: Trace }) {
  const { t, language } = useWords()
  const catalog = useCatalog()
  const sex = catalog.field('case', 'sex')
  const about = [typeof trace.age === 'number' ? t('case.years', { count: trace.age }) : '', trace.sex != null && sex !== undefined ? labelOf(catalog, sex, String(trace.sex), language) : '']
  return (
    <span className="stack-none grow">
      <bdi>{trace.name ?? t('relatives.unnamed')}</bdi>
      <span className="small soft">{about.filter((one) => one !== '').join(', ')}</span>
    </span>
  )
}

function Matched({ trace, caseId }: { trace: Trace; caseId: string }) {
  const { t } = useWords()
  const { may } = useSession()
  const cache = useQueryClient()
  const [error, setError] = useState<unknown>(null)
  const undo = async () => {
    try {
      await confirmMatch(trace.id, null, crypto.randomUUID())
      await cache.invalidateQueries({ queryKey: ['traces'] })
    } catch (failure) {
      setError(failure)
    }
  }
  return (
    <>
      <Link to="/$place/$id" params={{ place: KINDS.case.place, id: caseId }} className="mark mark-success mark-link">{t('tracing.matched')}</Link>
      {may('tracing_requests', 'write') && <button type="button" className="button button-plain no-print" onClick={() => void undo()}>{t('tracing.undo')}<span className="only-read">: {trace.name}</span></button>}
      {error !== null && <Failure error={error} />}
    </>
  )
}

/** Who seeks the child of a case, and the way to who may. */
export function SoughtByCard() {
  const { t } = useWords()
  const { may } = useSession()
  const { id, version, values } = useRecord()
  const mayRead = may('tracing_requests', 'read')
  const traces = useQuery({ ...tracesOfCase(id), enabled: mayRead && version !== undefined, retry: false })
  const mayFind = may('cases', 'find_tracing_match') && may('potential_matches', 'read')
  const consents = values.consent_for_tracing === true || values.consent_for_tracing === 'true'
  if (!mayRead || (traces.data ?? []).length + (mayFind && consents ? 1 : 0) === 0) return null
  return (
    <section className="card stack-tight" aria-labelledby="sought-by">
      <h2 id="sought-by">{t('nav.tracing_request')}</h2>
      <ul className="lines">
        {(traces.data ?? []).map((trace) => (
          <li key={trace.id} className="relative">
            <Sought trace={trace} />
            {trace.tracing_request_id != null && <Link to="/$place/$id" params={{ place: 'tracing_requests', id: trace.tracing_request_id }} className="mark mark-success mark-link">{t('tracing.matched')}</Link>}
          </li>
        ))}
      </ul>
      {mayFind && consents && <div className="no-print"><Link to="/$place/$id/matches" params={{ place: 'cases', id }} className="button">{t('tracing.find_seekers')}</Link></div>}
    </section>
  )
}
