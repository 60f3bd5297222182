import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { useWords } from '~/i18n'
import { RecordHead } from '~/record-pages/RecordHead'
import { useRecord } from '~/record-pages/record-context'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { MatchCard } from './MatchCard'
import { matchesQuery } from './queries'

/** Who a sought child may be, or who may seek the child of a case: each side by side, with reasons. */
export default function MatchesPage() {
  const { t, language } = useWords()
  const { kind, id } = useRecord()
  const { trace } = useSearch({ from: '/records/$place/$id/matches' })
  const [of, wanted] = kind.type === 'case' ? (['cases', id] as const) : (['traces', trace ?? ''] as const)
  const found = useQuery({ ...matchesQuery(of, wanted, language), enabled: wanted !== '' })
  const matches = found.data?.potential_matches ?? []
  const family = found.data?.same_family ?? []
  return (
    <article className="page">
      <RecordHead />
      <h2>{t(of === 'cases' ? 'tracing.seekers' : 'tracing.matches')}</h2>
      {found.error !== null && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.isLoading && <Skeleton lines={6} height={60} />}
      {found.data !== undefined && matches.length === 0 && <div className="empty card"><p>{t('tracing.nobody')}</p></div>}
      {matches.map((match) => <MatchCard key={`${match.case.id}${match.trace.id}`} match={match} />)}
      {family.length > 0 && (
        <>
          <h2>{t('tracing.same_family')}</h2>
          {family.map((match) => <MatchCard key={`${match.case.id}${match.trace.id}`} match={match} />)}
        </>
      )}
    </article>
  )
}
