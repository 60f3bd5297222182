/** Light, dark, or as the device says. */
export type Theme = 'device' | 'light' | 'dark'
const KEY = 'amparo-theme'

export function theme(): Theme {
  const kept = localStorage.getItem(KEY)
  return kept === 'light' || kept === 'dark' ? kept : 'device'
}

export function applyTheme(chosen: Theme = theme()): void {
  localStorage.setItem(KEY, chosen)
  if (chosen === 'device') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
}
