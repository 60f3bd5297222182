import { callIfNew } from '~/api/client'
import { Unreachable } from '~/api/problem'
import { deviceStore } from './store'

/** Asks the server and keeps its answer sealed; without a server, what was kept last. */
export async function keptOnDevice<T>(name: string, ask: () => Promise<T>): Promise<T> {
  const store = deviceStore()
  try {
    const answer = await ask()
    void store?.put('kept', name, { at: new Date().toISOString(), answer }).catch(() => undefined)
    return answer
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error
    const kept = await store?.get<{ answer: T }>('kept', name)
    if (kept === undefined) throw error
    return kept.answer
  }
}

interface Tagged<T> {
  /** The server's tag, and the shape that the answer was checked against. */
  tag: string
  shape: string
  answer: T
}

/**
 * The same for what is long and seldom changes: an answer that is kept under the server's tag is
 * neither sent, checked nor sealed again.
 */
export async function keptByTag<T>(name: string, path: string, shape: string, check: (data: unknown) => T, signal: AbortSignal): Promise<T> {
  const store = deviceStore()
  const kept = await store?.get<Tagged<T>>('kept', name)
  const isSound = kept?.shape === shape
  try {
    const fresh = await callIfNew<unknown>(path, isSound ? kept.tag : undefined, { signal })
    if (fresh === null && kept !== undefined) return kept.answer
    if (fresh === null) throw new Unreachable()
    const answer = check(fresh.data)
    if (fresh.tag !== null) void store?.put('kept', name, { tag: fresh.tag, shape, answer } satisfies Tagged<T>).catch(() => undefined)
    return answer
  } catch (error) {
    if (!(error instanceof Unreachable) || kept === undefined) throw error
    return kept.answer
  }
}
