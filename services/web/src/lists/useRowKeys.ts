import { type RefObject, useEffect } from 'react'

/** `/` goes to the search box, arrows go from row to row; Enter follows the row's link by itself. */
export function useRowKeys(frame: RefObject<HTMLElement | null>, box: RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') !== null) return
      const writes = event.target instanceof HTMLElement && event.target.matches('input, textarea, select')
      if (event.key === '/' && !writes) {
        event.preventDefault()
        box.current?.focus()
        return
      }
      if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
      if (writes && event.target !== box.current) return
      const links = [...(frame.current?.querySelectorAll<HTMLElement>('a') ?? [])]
      const at = links.indexOf(document.activeElement as HTMLElement)
      const next = links[event.key === 'ArrowDown' ? at + 1 : at - 1]
      if (next === undefined) return
      event.preventDefault()
      next.focus()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [frame, box])
}
