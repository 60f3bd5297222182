import { useSyncExternalStore } from 'react'
import { useWords } from '~/i18n'
import { Icon } from '~/ui/Icon'

const KEY = 'amparo-hide-names'
const listeners = new Set<() => void>()

const listen = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Whether names are hidden in lists; it stays so until they are shown again. */
export const useHiddenNames = () => useSyncExternalStore(listen, () => localStorage.getItem(KEY) === 'yes')

export function HideNames() {
  const { t } = useWords()
  const hidden = useHiddenNames()
  const toggle = () => {
    if (hidden) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, 'yes')
    for (const listener of listeners) listener()
  }
  return (
    <button type="button" className="button button-short" aria-pressed={hidden} onClick={toggle}>
      <Icon name={hidden ? 'show' : 'hide'} /> <span>{t(hidden ? 'list.show_names' : 'list.hide_names')}</span>
    </button>
  )
}
