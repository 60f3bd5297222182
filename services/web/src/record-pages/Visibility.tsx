import { useInfiniteQuery } from '@tanstack/react-query'
import { call } from '~/api/client'
import { Refused } from '~/api/problem'
import { type TextKey, useWords } from '~/i18n'
import { MoreButton } from '~/lists/MoreButton'
import { inLanguage } from '~/records/catalog'
import type { Kind } from '~/records/kinds'
import { useCatalog } from '~/records/useCatalog'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { useRecord } from './record-context'

interface Reason {
  code: string
  user_group_unique_id?: string
  agency_unique_id?: string
}

interface Viewer {
  user_name: string
  full_name?: string | null
  role_unique_id: string
  reasons: Reason[]
  forms: { rw: number; r: number }
  last_seen: string | null
}

const PER = 50

const visibilityQuery = (kind: Kind, id: string) => ({
  queryKey: ['record', id, 'visibility'],
  initialPageParam: 1,
  queryFn: ({ pageParam, signal }: { pageParam: number; signal: AbortSignal }) =>
    call<Viewer[]>(`/api/amparo/v1/${kind.place}/${id}/visibility`, { query: { page: pageParam, per: PER }, signal }),
  getNextPageParam: (last: { metadata: Record<string, unknown> }, pages: unknown[]) => (pages.length * PER < Number(last.metadata.total) ? pages.length + 1 : undefined),
})

/** Who can see this record, why, and how much of it. */
export function Visibility() {
  const { t } = useWords()
  const { kind, id } = useRecord()
  const list = useInfiniteQuery(visibilityQuery(kind, id))
  // Older servers do not say.
  if (list.error instanceof Refused && list.error.status === 404) return null
  const viewers = list.data?.pages.flatMap((page) => page.data) ?? []
  return (
    <section className="stack-tight narrow" aria-labelledby="visibility">
      <h2 id="visibility">{t('visibility.title')}</h2>
      {list.error !== null && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Skeleton lines={6} />}
      {list.data !== undefined && <p className="small soft">{t('visibility.count', { count: Number(list.data.pages[0]?.metadata.total ?? viewers.length) })}</p>}
      <ul className="lines card">{viewers.map((viewer) => <li key={viewer.user_name}><Line viewer={viewer} /></li>)}</ul>
      {list.hasNextPage && <MoreButton busy={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />}
    </section>
  )
}

function Line({ viewer }: { viewer: Viewer }) {
  const { t, ago, number } = useWords()
  const said = useReasons()
  return (
    <div className="stack-none">
      <p><strong><bdi>{viewer.full_name ?? viewer.user_name}</bdi></strong> <span className="small soft"><bdi>{viewer.user_name}</bdi></span></p>
      <p className="small">{viewer.reasons.map(said).join(' · ')}</p>
      <p className="tiny soft">
        {t('visibility.forms', { write: number(viewer.forms.rw), read: number(viewer.forms.r) })} · {viewer.last_seen === null ? t('visibility.never_looked') : t('visibility.looked', { at: ago(viewer.last_seen) })}
      </p>
    </div>
  )
}

const REASONS: Record<string, TextKey> = {
  owner: 'visibility.owner', shared: 'visibility.shared', identified: 'visibility.identified', team: 'visibility.team', agency: 'visibility.agency', all: 'visibility.all',
}

function useReasons(): (reason: Reason) => string {
  const { t, language } = useWords()
  const { settings } = useCatalog()
  return (reason) => {
    const key = REASONS[reason.code]
    if (key === undefined) return reason.code
    const agency = settings.agencies?.find((one) => one.unique_id === reason.agency_unique_id)
    const where = agency === undefined ? (reason.agency_unique_id ?? reason.user_group_unique_id ?? '').replace(/^(usergroup|agency)-/, '') : inLanguage(agency.name, language)
    return where === '' ? t(key) : `${t(key)} (${where})`
  }
}
