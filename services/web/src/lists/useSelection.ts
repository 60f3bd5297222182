import { type RefObject, useCallback, useEffect, useState } from 'react'

export interface Selection {
  /** Nothing while rows are for opening only. */
  chosen: ReadonlySet<string> | null
  toggle(id: string): void
  put(ids: string[]): void
  end(): void
}

/** Which rows are chosen; `x` chooses the one that has the focus. */
export function useSelection(frame: RefObject<HTMLElement | null>, of: string): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null)
  const toggle = useCallback((id: string) => setChosen((now) => toggled(now ?? new Set(), id)), [])
  useEffect(() => setChosen(null), [of])
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key !== 'x' || event.ctrlKey || event.metaKey || event.altKey) return
      const row = document.activeElement instanceof HTMLElement && frame.current?.contains(document.activeElement) === true ? document.activeElement.closest<HTMLElement>('[data-id]') : null
      if (row?.dataset.id === undefined) return
      event.preventDefault()
      toggle(row.dataset.id)
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [frame, toggle])
  return { chosen, toggle, put: (ids) => setChosen(new Set(ids)), end: () => setChosen(null) }
}

export function toggled(chosen: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(chosen)
  if (!next.delete(id)) next.add(id)
  return next
}
