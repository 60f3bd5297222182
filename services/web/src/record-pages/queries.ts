import { type QueryClient, infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { call } from '~/api/client'
import { Unreachable } from '~/api/problem'
import type { RecordData } from '~/api/schemas'
import { deviceStore } from '~/device/store'
import { keptOnDevice } from '~/device/kept'
import { forgetRecords } from '~/device/sync'
import { readConflicts } from '~/merge/inbox'
import type { Kind, RecordType } from '~/records/kinds'
import { type Patch, applyPatch } from '~/records/patch'

/** A record as the device keeps it. */
export interface KeptRecord {
  /** Without one it is a case: those were kept first. */
  type?: RecordType
  data: RecordData
  version: number | undefined
  /** When the server was asked last. */
  at: string
}

export const typeOf = (kept: { type?: RecordType }): RecordType => kept.type ?? 'case'

export interface LoadedRecord extends KeptRecord {
  fromDevice: boolean
}

export const recordQuery = (kind: Kind, id: string) =>
  queryOptions({
    queryKey: ['record', id],
    queryFn: ({ signal }) => readRecord(kind, id, signal),
  })

async function readRecord(kind: Kind, id: string, signal: AbortSignal): Promise<LoadedRecord> {
  const store = deviceStore()
  try {
    const { data, version } = await call<RecordData>(`/api/v2/${kind.place}/${id}`, { signal })
    const kept: KeptRecord = { type: kind.type, data, version, at: new Date().toISOString() }
    void store?.put('records', id, kept).catch(() => undefined)
    return { ...kept, fromDevice: false }
  } catch (error) {
    if (!(error instanceof Unreachable)) {
      // Gone from one's reach: it goes from the device too.
      if (isGone(error) && store !== null) await forgetRecords(store, [id])
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
  cache.setQueryData<LoadedRecord>(['record', id], (known) => {
    if (known?.version === undefined || version !== known.version + 1) return known
    return { ...known, version, data: { ...applyPatch(known.data, patch), id } }
  })
  recordChanged(cache, id)
}

/** What a write changed is read anew. */
export function recordChanged(cache: QueryClient, id: string): void {
  void cache.invalidateQueries({ queryKey: ['record', id] })
  void cache.invalidateQueries({ queryKey: ['list'] })
  void cache.invalidateQueries({ queryKey: ['conflicts'] })
  void cache.invalidateQueries({ queryKey: ['home'] })
}

export interface HistoryEntry {
  datetime: string
  user_name: string
  action: string
  record_changes: Record<string, { from: unknown; to: unknown }>[]
}

const HISTORY_PER = 20

export const historyQuery = (kind: Kind, id: string) =>
  infiniteQueryOptions({
    queryKey: ['record', id, 'history'],
    initialPageParam: 1,
    queryFn: ({ pageParam, signal }) =>
      call<HistoryEntry[]>(`/api/v2/${kind.place}/${id}/record_history`, { query: { page: pageParam, per: HISTORY_PER }, signal }),
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

export const accessQuery = (kind: Kind, id: string) =>
  infiniteQueryOptions({
    queryKey: ['record', id, 'access'],
    initialPageParam: 1,
    queryFn: ({ pageParam, signal }) =>
      call<AccessEntry[]>(`/api/v2/${kind.place}/${id}/access_log`, { query: { page: pageParam, per: HISTORY_PER }, signal }),
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

export const conflictsQuery = (kind: Kind, id: string) =>
  queryOptions({
    queryKey: ['record', id, 'conflicts'],
    queryFn: ({ signal }) =>
      keptOnDevice(`conflicts/${id}`, () => readConflicts(kind, id, signal)),
  })
