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
