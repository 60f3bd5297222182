/** New versions of the app: fetched in the background, used when the person says so. */
type Listener = () => void

let waiting: ServiceWorker | null = null
const listeners = new Set<Listener>()

function found(worker: ServiceWorker | null): void {
  if (worker === null || navigator.serviceWorker.controller === null) return
  waiting = worker
  for (const listener of listeners) listener()
}

export function watchForUpdates(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  addEventListener('load', () => void register())
}

async function register(): Promise<void> {
  const registration = await navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' })
  found(registration.waiting)
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing
    worker?.addEventListener('statechange', () => {
      if (worker.state === 'installed') found(worker)
    })
  })
  // The page that was opened first keeps its version until it is told.
  setInterval(() => void registration.update().catch(() => undefined), 60 * 60_000)
}

export const isUpdateWaiting = (): boolean => waiting !== null

export function onUpdate(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function takeUpdate(): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  waiting?.postMessage('take-over')
}
