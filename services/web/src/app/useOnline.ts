import { useSyncExternalStore } from 'react'

function listen(listener: () => void): () => void {
  addEventListener('online', listener)
  addEventListener('offline', listener)
  return () => {
    removeEventListener('online', listener)
    removeEventListener('offline', listener)
  }
}

/** What the browser says of the network; whether the server answers is seen with each call. */
export const useOnline = (): boolean => useSyncExternalStore(listen, () => navigator.onLine)
