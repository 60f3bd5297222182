import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useMemo, useRef } from 'react'
import { PageTitle } from '~/app/PageTitle'
import { useWords } from '~/i18n'
import { useKind } from '~/records/useKind'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { Icon } from '~/ui/Icon'
import { Skeleton } from '~/ui/Skeleton'
import { FilterBar } from './FilterBar'
import { HideNames, useHiddenNames } from './HideNames'
import { MoreOnScroll } from './MoreButton'
import { RecordRows } from './RecordRows'
import { SearchBox } from './SearchBox'
import { type ListSearch, filterNames } from './list-search'
import { listQuery } from './queries'
import { SelectionBar } from './SelectionBar'
import { useRowKeys } from './useRowKeys'
import { useSelection } from './useSelection'
import './list.css'

/** The records of a type that are within reach, searched, filtered and sorted as the address says. */
export default function ListPage() {
  const { t } = useWords()
  const { user, may } = useSession()
  const kind = useKind()
  const search = useSearch({ from: '/records/$place/' })
  const navigate = useNavigate()
  const filters = useMemo(() => user.filters?.[kind.place] ?? [], [user, kind])
  const list = useInfiniteQuery(listQuery(kind, search, filters))
  const hidden = useHiddenNames()
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.rows) ?? [], [list.data])
  const first = list.data?.pages[0]
  const box = useRef<HTMLInputElement>(null)
  const frame = useRef<HTMLUListElement>(null)
  useRowKeys(frame, box)
  const selection = useSelection(frame, kind.place)

  const change = useCallback(
    (next: ListSearch) => void navigate({ to: '/$place', params: { place: kind.place }, search: next, replace: true, resetScroll: false }),
    [navigate, kind],
  )

  return (
    <div className="page list-page">
      <PageTitle title={t(`nav.${kind.type}`)} of={`/${kind.place}`}>
        {kind.namesPeople && <HideNames />}
        {may(kind.place, 'create') && (
          <Link to="/$place/new" params={{ place: kind.place }} className="button button-main"><Icon name="add" /> {t(`new.title.${kind.type}`)}</Link>
        )}
      </PageTitle>
      <SearchBox key={kind.type} input={box} search={search} onChange={change} />
      <FilterBar kind={kind} filters={filters} search={search} by={first?.by ?? null} total={first?.total} onChange={change} />
      <div className="row">
        <p className="small soft list-total" role="status">
          {first === undefined ? ' ' : t(`list.total.${kind.type}`, { count: first.total })}
          {first?.local === true && <> · {t('list.from_device')}</>}
        </p>
        <SelectionBar kind={kind} rows={rows} selection={selection} />
      </div>
      {list.error !== null && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && list.error === null && <Skeleton lines={10} height={44} />}
      {first !== undefined && rows.length === 0 && <Nothing search={search} onClear={() => change({})} />}
      {rows.length > 0 && <RecordRows selection={selection} kind={kind} rows={rows} hidden={hidden} frame={frame} dimmed={list.isPlaceholderData} search={search} onSort={change} />}
      {list.hasNextPage && <MoreOnScroll busy={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />}
    </div>
  )
}

function Nothing({ search, onClear }: { search: ListSearch; onClear: () => void }) {
  const { t } = useWords()
  const filtered = filterNames(search).length > 0
  return (
    <div className="empty card">
      <p>{t(filtered || search.find !== undefined ? 'list.none_found' : 'list.none')}</p>
      {filtered && <button type="button" className="button" onClick={onClear}>{t('filter.clear')}</button>}
    </div>
  )
}
