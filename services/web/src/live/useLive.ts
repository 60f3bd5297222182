import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { CaseloadState } from '~/device/useCaseload'
import { renewInbox } from '~/merge/inbox'
import { useFieldMode } from '~/app/useOnline'
import { useSession } from '~/session/session'
import type { Told } from './events'
import { heardNow } from './heard'

/** What the page itself needs comes first. */
const START = 2_500
/** Changes of one moment are read once. */
const TOGETHER = 300
/** The caseload is asked for at once, and then no more often than this. */
const CASELOAD_REST = 15_000
/** A list is read with all its pages. */
const LIST_REST = 3_000
/** The server wants devices to come one after another. */
const SCATTER = 20_000

/** Hears what happens elsewhere, and reads anew what it concerns: on the screen at once, on the device soon. */
export function useLive({ renew }: Pick<CaseloadState, 'renew'>): void {
  const cache = useQueryClient()
  const session = useSession()
  const latest = useRef({ session, renew })
  latest.current = { session, renew }
  const { user: { id }, expired } = session
  const isField = useFieldMode()
  useEffect(() => {
    if (expired || isField) return undefined
    const ending = new AbortController()
    const later = timers(ending.signal)
    const hear = (event: Told, leads: boolean) => {
      heardNow()
      const { session: now, renew: ask } = latest.current
      const caseload = (wait: number) => leads && later.rested('caseload', wait, CASELOAD_REST, () => void ask())
      answer(event, { cache, later, caseload, may: now.may, renewUser: now.renew })
    }
    const channel = new BroadcastChannel(`amparo-live-${id}`)
    channel.onmessage = ({ data }: MessageEvent<Told>) => hear(data, false)
    const begin = () => void import('./browser-wide').then(({ leadTogether }) => ending.signal.aborted || leadTogether(channel, (event) => hear(event, true), ending.signal)).catch(() => undefined)
    const first = setTimeout(begin, START)
    return () => {
      clearTimeout(first)
      ending.abort()
      channel.close()
    }
  }, [cache, id, expired, isField])
}

interface Means {
  cache: QueryClient
  later: ReturnType<typeof timers>
  caseload: (wait: number) => void
  may: (resource: string, ...actions: string[]) => boolean
  renewUser: () => Promise<void>
}

function answer({ name, data }: Told, { cache, later, caseload, may, renewUser }: Means): void {
  const anew = (...keys: string[]) => keys.forEach((key) => void cache.invalidateQueries({ queryKey: [key] }))
  switch (name) {
    case 'changed':
      later.gathered('records', String(data.id), TOGETHER, (ids) => {
        void cache.invalidateQueries({ predicate: ({ queryKey: [first, id] }) => first === 'record' && ids.has(String(id)) })
      })
      later.rested('list', TOGETHER, LIST_REST, () => anew('list'))
      return caseload(TOGETHER)
    case 'caseload':
      anew('list', 'record', 'home')
      return caseload(Math.random() * SCATTER)
    // What the page shows was read before anybody listened.
    case 'begun': return anew('list', 'record')
    case 'conflicts':
      return later.rested('conflicts', TOGETHER, 5_000, () => void cache.fetchQuery({ queryKey: ['conflicts'], queryFn: ({ signal }) => renewInbox((kind) => may(kind.place, 'write'), signal) }).catch(() => undefined))
    case 'notices': return anew('home', 'tasks', 'traces', 'alerts')
    case 'configuration': return anew('config')
    case 'access': return void renewUser().then(() => anew('list', 'record', 'home', 'config')).catch(() => undefined)
    case 'missed':
      anew('list', 'record', 'home', 'tasks', 'conflicts', 'traces', 'alerts')
      return caseload(TOGETHER)
    default:
  }
}

/** Work that waits a moment, by name; nothing of it outlives the signal. */
function timers(signal: AbortSignal) {
  const waiting = new Map<string, ReturnType<typeof setTimeout>>()
  const began = new Map<string, number>()
  const gathered = new Map<string, Set<string>>()
  signal.addEventListener('abort', () => waiting.forEach((timer) => clearTimeout(timer)))
  const once = (name: string, wait: number, work: () => void) => {
    if (signal.aborted || waiting.has(name)) return
    waiting.set(name, setTimeout(() => {
      waiting.delete(name)
      began.set(name, Date.now())
      work()
    }, wait))
  }
  return {
    /** Not before it has rested since the last time. */
    rested: (name: string, wait: number, rest: number, work: () => void) => once(name, Math.max(wait, (began.get(name) ?? 0) + rest - Date.now()), work),
    /** All that come within the wait, together. */
    gathered: (name: string, one: string, wait: number, work: (all: ReadonlySet<string>) => void) => {
      gathered.set(name, (gathered.get(name) ?? new Set()).add(one))
      once(name, wait, () => {
        const all = gathered.get(name) ?? new Set()
        gathered.delete(name)
        work(all)
      })
    },
  }
}
