import { useSyncExternalStore } from 'react'
import { isFieldMode } from '~/api/field-mode'

function listen(listener: () => void): () => void {
  addEventListener('online', listener)
  addEventListener('offline', listener)
  // Another tab chose to use no network, or to use it again.
  addEventListener('storage', listener)
  return () => {
    removeEventListener('online', listener)
    removeEventListener('offline', listener)
    removeEventListener('storage', listener)
  }
}

/** What the browser says of the network, unless none is to be used; whether the server answers is seen with each call. */
export const useOnline = (): boolean => useSyncExternalStore(listen, () => navigator.onLine && !isFieldMode())
export const useFieldMode = (): boolean => useSyncExternalStore(listen, isFieldMode)
