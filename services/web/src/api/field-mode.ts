/**
 * Field mode: somebody chose to use no network, which may be dear or watched. It holds while the
 * app is open and unlocked; signing in and orders to empty the device go through all the same.
 */
const KEY = 'amparo-field-mode'
let isAtWork = false

export const wantsFieldMode = (): boolean => localStorage.getItem(KEY) === 'yes'

/** Whether calls are held back now. */
export const isFieldMode = (): boolean => isAtWork && wantsFieldMode()

/** Everything that follows the network follows this too. */
const tell = () => dispatchEvent(new Event(navigator.onLine && !isFieldMode() ? 'online' : 'offline'))

export function setFieldMode(on: boolean): void {
  if (on) localStorage.setItem(KEY, 'yes')
  else localStorage.removeItem(KEY)
  tell()
}

/** The app is open, until the answer is called. */
export function atWork(): () => void {
  isAtWork = true
  if (wantsFieldMode()) tell()
  return () => {
    isAtWork = false
  }
}
