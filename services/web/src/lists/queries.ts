import { infiniteQueryOptions } from '@tanstack/react-query'
import { call } from '~/api/client'
import { Unreachable } from '~/api/problem'
import type { Filter } from '~/api/schemas'
import { deviceStore } from '~/device/store'
import { type KeptRecord, typeOf } from '~/record-pages/queries'
import { type Kind, rowFields } from '~/records/kinds'
import { localRows } from './local-list'
import { type ListSearch, type SearchKind, kindsOf, queryFor, searchQuery } from './list-search'
import { wordsOf } from './searches'

export interface ListRow extends Record<string, unknown> {
  id: string
  name?: string | null
  matched_on?: { field: string; reason: string }[]
}

export interface Page {
  rows: ListRow[]
  total: number
  page: number
  by: SearchKind | null
  /** The rows come from the device, since the server could not be reached. */
  local: boolean
}

const PER = 40

export const listQuery = (kind: Kind, search: ListSearch, filters: Filter[]) =>
  infiniteQueryOptions({
    queryKey: ['list', kind.place, search],
    initialPageParam: { page: 1, by: null as SearchKind | null },
    queryFn: ({ pageParam, signal }) => readPage(kind, search, filters, pageParam, signal),
    getNextPageParam: (last, pages) => {
      const seen = pages.reduce((sum, page) => sum + page.rows.length, 0)
      return seen < last.total && last.rows.length > 0 ? { page: last.page + 1, by: last.by } : undefined
    },
    placeholderData: (previous) => previous,
  })

async function readPage(
  kind: Kind,
  search: ListSearch,
  filters: Filter[],
  { page, by }: { page: number; by: SearchKind | null },
  signal: AbortSignal,
): Promise<Page> {
  const typed = await wordsOf(search.find)
  const ways: (SearchKind | null)[] = typed === '' ? [null] : by === null ? kindsOf(typed) : [by]
  let found: Page | null = null
  for (const one of ways) {
    found = await ask({ kind, search, filters, typed, by: one, page, signal })
    if (found.total > 0) break
  }
  return found ?? { rows: [], total: 0, page, by: null, local: false }
}

interface Asked {
  kind: Kind
  search: ListSearch
  filters: Filter[]
  typed: string
  by: SearchKind | null
  page: number
  signal: AbortSignal
}

async function ask({ kind, search, filters, typed, by, page, signal }: Asked): Promise<Page> {
  const words = by === null ? { fields: rowFields(kind) } : searchQuery(typed, by)
  const query = { ...queryFor(search, filters), ...words, page, per: PER }
  try {
    const { data, metadata } = await call<ListRow[]>(`/api/v2/${kind.place}`, { query, signal })
    return { rows: data, total: Number(metadata.total ?? data.length), page, by, local: false }
  } catch (error) {
    const store = deviceStore()
    if (!(error instanceof Unreachable) || store === null) throw error
    const records = await store.all<KeptRecord>('records')
    const mine = records.filter((kept) => typeOf(kept) === kind.type).map((kept) => kept.data)
    const rows = localRows(mine, search, filters, typed, kind)
    return { rows: page === 1 ? rows : [], total: rows.length, page, by, local: true }
  }
}

