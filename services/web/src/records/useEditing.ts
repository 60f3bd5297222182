import { useCallback, useSyncExternalStore } from 'react'
import type { Field } from '~/api/schemas'
import type { Editing } from './editing'

/** One field's value; nothing else makes the caller render. */
export function useValue(editing: Editing, name: string): unknown {
  const listen = useCallback((listener: () => void) => editing.listen(name, listener), [editing, name])
  return useSyncExternalStore(listen, () => editing.get(name))
}

export function useFault(editing: Editing, name: string): string | null {
  const listen = useCallback((listener: () => void) => editing.listen(name, listener), [editing, name])
  return useSyncExternalStore(listen, () => editing.faultOf(name))
}

/** Whether skip logic shows a field; asked again only when a field changes that it hangs on. */
export function useShown(editing: Editing, field: Field): boolean {
  const listen = useCallback(
    (listener: () => void) => {
      const { depends } = editing.condition(field)
      const ends = depends.map((name) => editing.listen(name, listener))
      return () => ends.forEach((end) => end())
    },
    [editing, field],
  )
  return useSyncExternalStore(listen, () => editing.condition(field).shows())
}
