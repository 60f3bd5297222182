import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { type TextKey, useWords } from '~/i18n'
import { useCatalog } from '~/records/useCatalog'
import { fieldName, inWords } from '~/records/values'
import { useSession } from '~/session/session'
import { Compared, type ComparedLine as Line } from '~/ui/Compared'
import { Dialog } from '~/ui/Dialog'
import { Failure } from '~/ui/Failure'
import { useToast } from '~/ui/Toasts'
import { Sought } from './TracesCard'
import { type ComparedLine, type Match, confirmMatch, rejectMatch } from './queries'

/** One possible match: both sides, what speaks for it and against it, and the decision. */
export function MatchCard({ match }: { match: Match }) {
  const { t } = useWords()
  const { may } = useSession()
  const inLines = useLines()
  const name = String(match.case.name ?? match.case.case_id_display ?? match.case.id.slice(-7))
  const lines = inLines(match.comparison.case_to_trace.filter((line) => line.match !== 'blank'))
  return (
    <section className="card stack-tight" aria-label={name}>
      <div className="compare">
        <div className="compare-side stack-tight">
          <p className="small soft">{t('tracing.the_case')}</p>
          <p><Link to="/$place/$id" params={{ place: 'cases', id: match.case.id }}><bdi>{name}</bdi></Link> {match.case.owned_by != null && <span className="small soft">{t('case.owner')}: <bdi>{match.case.owned_by}</bdi></span>}</p>
        </div>
        <div className="compare-side stack-tight">
          <p className="small soft">{t('tracing.the_sought')}</p>
          <Sought trace={match.trace} />
        </div>
      </div>
      <p><span className={match.likelihood === 'likely' ? 'mark mark-success' : 'mark'}>{t(`tracing.${match.likelihood}`)}</span></p>
      <Reasons match={match} />
      <details>
        <summary className="small">{t('tracing.compare')}</summary>
        <Compared label={t('tracing.compare')} sides={[t('tracing.the_case'), t('tracing.the_sought')]} lines={lines} />
      </details>
      {may('tracing_requests', 'write') && <Decision match={match} name={name} />}
    </section>
  )
}

const SPEAKS = { for: 'tracing.for', against: 'tracing.against', neither: 'tracing.neither' } satisfies Record<string, TextKey>

function Reasons({ match }: { match: Match }) {
  const { t } = useWords()
  const asked = match.ask ?? []
  return (
    <>
      <ul className="stack-tight">
        {(match.explanation ?? []).filter((one) => one.speaks !== 'neither').map((one) => (
          <li key={one.sentence} className="row small"><span className={one.speaks === 'for' ? 'mark mark-success' : 'mark mark-warning'}>{t(SPEAKS[one.speaks])}</span> <span className="grow">{one.sentence}</span></li>
        ))}
      </ul>
      {asked.length > 0 && <p className="small soft">{t('tracing.ask', { fields: asked.map((one) => one.label).join(', ') })}</p>}
    </>
  )
}

/** The comparison in words. */
function useLines(): (lines: ComparedLine[]) => Line[] {
  const words = useWords()
  const catalog = useCatalog()
  const said = (line: ComparedLine, value: unknown) => {
    const field = catalog.field('case', line.field_name)
    if (value == null) return ''
    return field === undefined ? [value].flat().join(' · ') : inWords(catalog, field, value, words)
  }
  return (lines) => lines.map((line) => ({ key: line.field_name, name: fieldName(catalog, 'case', line.field_name, words), one: said(line, line.case_value), other: said(line, line.trace_value), same: line.match === 'match' }))
}

function Decision({ match, name }: { match: Match; name: string }) {
  const { t } = useWords()
  const cache = useQueryClient()
  const say = useToast()
  const [asking, setAsking] = useState<'match' | 'reject' | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [command] = useState(() => crypto.randomUUID())
  const decide = async () => {
    try {
      if (asking === 'match') await confirmMatch(match.trace.id, match.case.id, command)
      else await rejectMatch(match.trace.id, match.case.id, command)
      say(t(asking === 'match' ? 'tracing.is_matched' : 'tracing.is_rejected'))
      setAsking(null)
      await cache.invalidateQueries({ queryKey: ['traces'] })
    } catch (failure) {
      setError(failure)
    }
  }
  return (
    <p className="row no-print">
      <button type="button" className="button button-main" onClick={() => setAsking('match')}>{t('tracing.match')}<span className="only-read">: {name}</span></button>
      <button type="button" className="button" onClick={() => setAsking('reject')}>{t('tracing.reject')}<span className="only-read">: {name}</span></button>
      {asking !== null && (
        <Dialog
          title={t(asking === 'match' ? 'tracing.match' : 'tracing.reject')}
          onClose={() => setAsking(null)}
          foot={<>
            <button type="button" className="button" onClick={() => setAsking(null)}>{t('ui.cancel')}</button>
            <button type="button" className="button button-main" onClick={() => void decide()}>{t(asking === 'match' ? 'tracing.match' : 'tracing.reject')}</button>
          </>}
        >
          <p>{t(asking === 'match' ? 'tracing.match_help' : 'tracing.reject_help', { name, sought: String(match.trace.name ?? '') })}</p>
          {error !== null && <Failure error={error} />}
        </Dialog>
      )}
    </p>
  )
}
