import { useMemo, useSyncExternalStore } from 'react'
import { type Item, type WorkState, pendingOf } from './model'
import { allDrafts, allItems, listenToWork } from './work'

export const useItems = () => useSyncExternalStore(listenToWork, allItems)
export const useDrafts = () => useSyncExternalStore(listenToWork, allDrafts)

export function useOutboxCount(): number {
  return useItems().length
}

/** Whether something of a record was handed in and not confirmed. */
export function useUnsent(recordId: string): WorkState | null {
  return useSyncExternalStore(listenToWork, () => {
    const mine = allItems().filter((item) => item.recordId === recordId)
    if (mine.length === 0) return null
    return mine.some((item) => item.refusal !== null) ? 'refused' : 'waiting'
  })
}

export function usePending(recordId: string) {
  const items = useItems()
  return useMemo(() => pendingOf(items, recordId), [items, recordId])
}

/** What was done to a record beside its fields and is not confirmed. */
export function useActs(recordId: string): (Item & { act: NonNullable<Item['act']> })[] {
  const items = useItems()
  return useMemo(() => items.flatMap((item) => (item.recordId === recordId && item.act !== undefined ? [{ ...item, act: item.act }] : [])), [items, recordId])
}
