/** Writes to the device that are under way; leaving or locking waits for them. */
const pending = new Map<string, () => Promise<unknown>>()
const timers = new Map<string, ReturnType<typeof setTimeout>>()
const running = new Set<Promise<unknown>>()

/** Short enough to lose nothing worth naming, long enough not to seal each letter on its own. */
const PAUSE = 120

/** Writes soon; a later write of the same name replaces one that has not begun. */
export function writeSoon(name: string, write: () => Promise<unknown>): void {
  pending.set(name, write)
  if (!timers.has(name)) timers.set(name, setTimeout(() => begin(name), PAUSE))
}

function begin(name: string): void {
  clearTimeout(timers.get(name))
  timers.delete(name)
  const write = pending.get(name)
  pending.delete(name)
  if (write === undefined) return
  const run = write().catch(reportFailure).finally(() => running.delete(run))
  running.add(run)
}

/** Begins what waits and resolves when all of it is on the device. */
export async function settleWriting(): Promise<void> {
  for (const name of [...pending.keys()]) begin(name)
  await Promise.all(running)
}

export function cancelWriting(name: string): void {
  clearTimeout(timers.get(name))
  timers.delete(name)
  pending.delete(name)
}

let listener: (error: unknown) => void = () => undefined

/** A device that cannot write has to say so. */
export function onWriteFailure(hear: (error: unknown) => void): void {
  listener = hear
}

function reportFailure(error: unknown): void {
  listener(error)
}

if (typeof document !== 'undefined') {
  document.addEventListener('visibilitychange', () => void settleWriting())
  addEventListener('pagehide', () => void settleWriting())
}
