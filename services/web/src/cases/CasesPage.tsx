import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { PageTitle } from '~/app/PageTitle'
import { useWords } from '~/i18n'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { Icon } from '~/ui/Icon'
import { Skeleton } from '~/ui/Skeleton'
import { CaseRows } from './CaseRows'
import { FilterBar } from './FilterBar'
import { HideNames, useHiddenNames } from './HideNames'
import { SearchBox } from './SearchBox'
import { type ListSearch, filterNames } from './list-search'
import { casesQuery } from './queries'
import { useRowKeys } from './useRowKeys'
import './cases.css'

export default function CasesPage() {
  const { t } = useWords()
  const { user, may } = useSession()
  const search = useSearch({ from: '/records/cases' })
  const navigate = useNavigate({ from: '/cases' })
  const filters = useMemo(() => user.filters?.cases ?? [], [user])
  const list = useInfiniteQuery(casesQuery(search, filters))
  const hidden = useHiddenNames()
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.rows) ?? [], [list.data])
  const first = list.data?.pages[0]
  const box = useRef<HTMLInputElement>(null)
  const frame = useRef<HTMLUListElement>(null)
  useRowKeys(frame, box)

  const change = useCallback(
    (next: ListSearch) => void navigate({ search: next, replace: true, resetScroll: false }),
    [navigate],
  )

  return (
    <div className="page cases-page">
      <PageTitle title={t('nav.cases')} of="/cases">
        <HideNames />
        {may('cases', 'create') && (
          <Link to="/cases/new" className="button button-main"><Icon name="add" /> {t('case.new')}</Link>
        )}
      </PageTitle>
      <SearchBox input={box} search={search} onChange={change} />
      <FilterBar filters={filters} search={search} onChange={change} />
      <p className="small soft" role="status">
        {first === undefined ? ' ' : t('list.total', { count: first.total })}
        {first?.local === true && <> · {t('list.from_device')}</>}
      </p>
      {list.error !== null && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && list.error === null && <Skeleton lines={10} height={44} />}
      {first !== undefined && rows.length === 0 && (
        <div className="empty card">
          <p>{t(filterNames(search).length > 0 || search.find !== undefined ? 'list.none_found' : 'list.none')}</p>
          {filterNames(search).length > 0 && (
            <button type="button" className="button" onClick={() => change({})}>{t('filter.clear')}</button>
          )}
        </div>
      )}
      {rows.length > 0 && <CaseRows rows={rows} hidden={hidden} frame={frame} dimmed={list.isPlaceholderData} search={search} onSort={change} />}
      {list.hasNextPage && <More busy={list.isFetchingNextPage} onSeen={() => void list.fetchNextPage()} />}
    </div>
  )
}

/** Loads the next page when it comes near; a button for those who do not scroll. */
function More({ busy, onSeen }: { busy: boolean; onSeen: () => void }) {
  const { t } = useWords()
  const [mark, setMark] = useState<HTMLElement | null>(null)
  const seen = useRef(onSeen)
  seen.current = onSeen
  useEffect(() => {
    if (mark === null) return undefined
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting === true && seen.current(), { rootMargin: '600px' })
    observer.observe(mark)
    return () => observer.disconnect()
  }, [mark, busy])
  return (
    <div ref={setMark} className="row">
      <button type="button" className="button" aria-disabled={busy} onClick={onSeen}>{t(busy ? 'ui.one_moment' : 'list.more')}</button>
    </div>
  )
}
