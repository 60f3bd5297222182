import { Refused } from './problem'

const TRIES = 6

/** Work in the background that the server finds too quick waits as long as it is told, and goes on. */
export async function patiently<T>(ask: () => Promise<T>, wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))): Promise<T> {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 429 || left <= 1) throw error
      await wait(error.retryAfter ?? 1)
    }
  }
}
