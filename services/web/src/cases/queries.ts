import { type QueryClient, infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { call } from '~/api/client'
import { Unreachable } from '~/api/problem'
import type { Filter, RecordData } from '~/api/schemas'
import { deviceStore } from '~/device/store'
import { keptOnDevice } from '~/device/kept'
import { type Patch, applyPatch } from '~/records/patch'
import { localRows } from './local-list'
import { type ListSearch, type SearchKind, kindsOf, queryFor, searchQuery } from './list-search'
import { wordsOf } from './searches'

export interface CaseRow extends Record<string, unknown> {
  id: string
  name?: string | null
  matched_on?: { field: string; reason: string }[]
}

export interface Page {
  rows: CaseRow[]
  total: number
  page: number
  kind: SearchKind | null
  /** The rows come from the device, since the server could not be reached. */
  local: boolean
}

const PER = 40

/** What a row may show; the server leaves out what the role may not read. */
const FIELDS =
  'name,case_id_display,short_id,age,sex,risk_level,workflow,status,owned_by,registration_date,created_at,location_current,flag_count,alert_count,photo,hidden_name,record_in_scope,assessment_due_date,case_plan_due_date'

export const casesQuery = (search: ListSearch, filters: Filter[]) =>
  infiniteQueryOptions({
    queryKey: ['cases', search],
    initialPageParam: { page: 1, kind: null as SearchKind | null },
    queryFn: ({ pageParam, signal }) => readPage(search, filters, pageParam, signal),
    getNextPageParam: (last, pages) => {
      const seen = pages.reduce((sum, page) => sum + page.rows.length, 0)
      return seen < last.total && last.rows.length > 0 ? { page: last.page + 1, kind: last.kind } : undefined
    },
    placeholderData: (previous) => previous,
  })

async function readPage(
  search: ListSearch,
  filters: Filter[],
  { page, kind }: { page: number; kind: SearchKind | null },
  signal: AbortSignal,
): Promise<Page> {
  const typed = await wordsOf(search.find)
  const kinds: (SearchKind | null)[] = typed === '' ? [null] : kind === null ? kindsOf(typed) : [kind]
  let found: Page | null = null
  for (const one of kinds) {
    found = await ask(search, filters, typed, one, page, signal)
    if (found.total > 0) break
  }
  return found ?? { rows: [], total: 0, page, kind: null, local: false }
}

async function ask(
  search: ListSearch,
  filters: Filter[],
  typed: string,
  kind: SearchKind | null,
  page: number,
  signal: AbortSignal,
): Promise<Page> {
  const words = kind === null ? { fields: FIELDS } : searchQuery(typed, kind)
  const query = { ...queryFor(search, filters), ...words, page, per: PER }
  try {
    const { data, metadata } = await call<CaseRow[]>('/api/v2/cases', { query, signal })
    return { rows: data, total: Number(metadata.total ?? data.length), page, kind, local: false }
  } catch (error) {
    const store = deviceStore()
    if (!(error instanceof Unreachable) || store === null) throw error
    const records = await store.all<KeptRecord>('records')
    const rows = localRows(records.map((kept) => kept.data), search, filters, typed)
    return { rows: page === 1 ? rows : [], total: rows.length, page, kind, local: true }
  }
}

/** A record as the device keeps it. */
export interface KeptRecord {
  data: RecordData
  version: number | undefined
  /** When the server was asked last. */
  at: string
}

export interface LoadedRecord extends KeptRecord {
  fromDevice: boolean
}

export const caseQuery = (id: string) =>
  queryOptions({
    queryKey: ['case', id],
    queryFn: ({ signal }) => readCase(id, signal),
  })

async function readCase(id: string, signal: AbortSignal): Promise<LoadedRecord> {
  const store = deviceStore()
  try {
    const { data, version } = await call<RecordData>(`/api/v2/cases/${id}`, { signal })
    const kept: KeptRecord = { data, version, at: new Date().toISOString() }
    void store?.put('records', id, kept).catch(() => undefined)
    return { ...kept, fromDevice: false }
  } catch (error) {
    if (!(error instanceof Unreachable)) {
      // Gone from one's reach: it goes from the device too.
      if (isGone(error)) await store?.delete('records', id)
      throw error
    }
    const kept = await store?.get<KeptRecord>('records', id)
    if (kept === undefined) throw error
    return { ...kept, fromDevice: true }
  }
}

const isGone = (error: unknown) =>
  typeof error === 'object' && error !== null && 'status' in error && [403, 404, 410].includes(Number(error.status))

/**
 * One's own write is part of what is read at once, with its version, so that the next edit is
 * based on it; not where somebody else wrote in between, whose values are not here yet.
 */
export function ownWriteArrived(cache: QueryClient, id: string, patch: Patch, version: number | undefined): void {
  cache.setQueryData<LoadedRecord>(caseQuery(id).queryKey, (known) => {
    if (known?.version === undefined || version !== known.version + 1) return known
    return { ...known, version, data: { ...applyPatch(known.data, patch), id } }
  })
  caseChanged(cache, id)
}

/** What a write changed is read anew. */
export function caseChanged(cache: QueryClient, id: string): void {
  void cache.invalidateQueries({ queryKey: ['case', id] })
  void cache.invalidateQueries({ queryKey: ['cases'] })
  void cache.invalidateQueries({ queryKey: ['home'] })
}

export interface HistoryEntry {
  datetime: string
  user_name: string
  action: string
  record_changes: Record<string, { from: unknown; to: unknown }>[]
}

const HISTORY_PER = 20

export const historyQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['case', id, 'history'],
    initialPageParam: 1,
    queryFn: ({ pageParam, signal }) =>
      call<HistoryEntry[]>(`/api/v2/cases/${id}/record_history`, { query: { page: pageParam, per: HISTORY_PER }, signal }),
    getNextPageParam: (last, pages) => (pages.length * HISTORY_PER < Number(last.metadata.total) ? pages.length + 1 : undefined),
  })

export interface AccessEntry {
  id: string | number
  timestamp: string
  action: string
  user_name: string
  full_name?: string
  role_name?: string
}

export const accessQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['case', id, 'access'],
    initialPageParam: 1,
    queryFn: ({ pageParam, signal }) =>
      call<AccessEntry[]>(`/api/v2/cases/${id}/access_log`, { query: { page: pageParam, per: HISTORY_PER }, signal }),
    getNextPageParam: (last, pages) => (pages.length * HISTORY_PER < Number(last.metadata.total) ? pages.length + 1 : undefined),
  })

/** One of the two values of a conflict. */
export interface ConflictSide {
  value: unknown
  user_name: string
  datetime: string
}

/** A field that two people changed differently; `kept` counts until somebody settles it. */
export interface Conflict {
  id: string
  field: string
  path: string
  base_version: number
  kept: ConflictSide
  proposed: ConflictSide
}

export const conflictsQuery = (id: string) =>
  queryOptions({
    queryKey: ['case', id, 'conflicts'],
    queryFn: ({ signal }) =>
      keptOnDevice(`conflicts/${id}`, async () => (await call<Conflict[]>(`/api/amparo/v1/cases/${id}/conflicts`, { signal })).data),
  })
