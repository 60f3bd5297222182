/** The server's stream of events, held open while somebody is at work. */
import { tellExpired, tellWipeOrdered } from '~/api/client'
import { refusal } from '~/api/problem'
import { type Told, eventReader } from './events'

const PATH = '/api/amparo/v1/events'
/** The server says something every 15 seconds. */
const DEAD_AFTER = 45_000
const FIRST_WAIT = 1_000
const LONGEST_WAIT = 60_000
/** A server without events, or with no room for one more. */
const LATER = 5 * 60_000
/** A gateway that goes sends all its devices to the others. */
const SCATTER = 5_000

/** Twice as long each time, and never all devices at once. */
export const waitBefore = (tries: number, chance: number): number =>
  Math.round(Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(tries, 16)) * (0.5 + chance / 2))

interface Ended {
  /** Whether the server said anything. */
  heard: boolean
  /** Milliseconds, where the server or the reason says how long. */
  wait: number | null
  /** Nobody is signed in any more. */
  over: boolean
  lastId: string | null
}

/** Tells what the server tells, until the signal or the end of the session. */
export async function followEvents(tell: (event: Told) => void, signal: AbortSignal): Promise<void> {
  let lastId: string | null = null
  let tries = 0
  while (!signal.aborted) {
    const end: Ended = await followOnce(lastId, tell, signal)
    if (end.over) return
    lastId = end.lastId
    tries = end.heard ? 0 : tries + 1
    await pause(end.wait ?? waitBefore(tries, Math.random()), signal)
  }
}

async function followOnce(lastId: string | null, tell: (event: Told) => void, signal: AbortSignal): Promise<Ended> {
  const end: Ended = { heard: false, wait: null, over: false, lastId }
  const dead = new AbortController()
  let timer = setTimeout(() => dead.abort(), DEAD_AFTER)
  try {
    const headers = { Accept: 'text/event-stream', ...(lastId !== null && { 'Last-Event-ID': lastId }) }
    const response = await fetch(PATH, { headers, cache: 'no-store', credentials: 'same-origin', signal: AbortSignal.any([signal, dead.signal]) })
    if (!response.ok || response.body === null) return await refused(response, end)
    const reader = eventReader((event) => {
      end.heard = true
      if (event.name === 'ended' || event.name === 'wipe') end.over = true
      if (event.name === 'bye') end.wait = Math.random() * (event.data.reason === 'drain' ? SCATTER : 2 * FIRST_WAIT)
      if (event.name === 'ended') tellExpired()
      if (event.name === 'wipe') tellWipeOrdered()
      tell(event)
      if (event.name === 'hello' && lastId === null) tell({ name: 'begun', data: {} })
    }, lastId)
    for await (const piece of textOf(response.body)) {
      clearTimeout(timer)
      timer = setTimeout(() => dead.abort(), DEAD_AFTER)
      reader.feed(piece)
      end.lastId = reader.lastId
      tell({ name: 'beat', data: {} })
      if (end.over) break
    }
  } catch {
    // No network, a dead stream, or the app was locked: the loop decides.
  } finally {
    clearTimeout(timer)
    dead.abort()
  }
  return end
}

async function refused(response: Response, end: Ended): Promise<Ended> {
  const problem = await refusal(response)
  if (problem.entries.some((entry) => entry.message === 'device.wiped')) {
    tellWipeOrdered()
    return { ...end, over: true }
  }
  if (problem.status === 401) {
    tellExpired()
    return { ...end, over: true }
  }
  return { ...end, wait: problem.retryAfter !== null ? problem.retryAfter * 1000 : problem.status < 500 ? LATER : null }
}

async function* textOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const pieces = body.getReader()
  const decoder = new TextDecoder()
  try {
    for (;;) {
      const { done, value } = await pieces.read()
      if (done) return
      yield decoder.decode(value, { stream: true })
    }
  } finally {
    void pieces.cancel().catch(() => undefined)
  }
}

/** Ends early when the network is back, or when nobody listens any more. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      removeEventListener('online', end)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    addEventListener('online', end)
    signal.addEventListener('abort', end)
  })
}
