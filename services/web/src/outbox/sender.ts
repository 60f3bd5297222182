/** Sends what waits, as soon as it can be sent. */
import { call } from '~/api/client'
import { isFieldMode } from '~/api/field-mode'
import { Refused, Unreachable } from '~/api/problem'
import { deviceStore } from '~/device/store'
import type { Conflict } from '~/record-pages/queries'
import type { FieldFault } from '~/api/problem'
import type { Patch } from '~/records/patch'
import { entriesOf } from '~/records/values'
import { FIRST, type Item, type Outcome, after, begun, due } from './model'
import { requestOf } from './request'
import { allItems, putItems } from './work'

type Listener = (item: Item, outcome: Outcome) => void
const listeners = new Set<Listener>()

export function onOutcome(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Where somebody else changed the same fields, the answer says so. */
interface Met {
  conflicts?: Conflict[]
}

async function send(item: Item): Promise<Outcome> {
  try {
    const { data, version } = await call<Met>(...requestOf(item))
    return { is: 'sent', version, conflicts: data.conflicts ?? [] }
  } catch (error) {
    return outcomeOf(error, item)
  }
}

/** Without an answer, or with one that passes, it goes again; any other refusal needs somebody. */
function outcomeOf(error: unknown, { act, base = FIRST, patch }: Item): Outcome {
  if (error instanceof Unreachable) return { is: 'later', wait: null }
  if (!(error instanceof Refused)) return { is: 'later', wait: null }
  // Somebody else was quicker: it is as it should be.
  if (act?.is === 'dismiss' && error.status === 404) return { is: 'sent', version: undefined }
  if (error.passes || error.status === 401) return { is: 'later', wait: (error.retryAfter ?? 0) * 1000 }
  if (base > FIRST && error.names('base_version')) return { is: 'ahead' }
  return { is: 'refused', refusal: { status: error.status, sentences: error.sentences, faults: named(error.faults, patch) } }
}

/** The server counts the entries of what was sent; here entries go by their ids. */
function named(faults: FieldFault[], patch: Patch): FieldFault[] {
  return faults.map((fault) => {
    const [, field = '', at = '', ...rest] = fault.pointer.split('/')
    const entry = /^\d+$/.test(at) ? entriesOf(patch[field])[Number(at)] : undefined
    return entry?.unique_id === undefined ? fault : { ...fault, pointer: ['', field, entry.unique_id, ...rest].join('/') }
  })
}

let timer: ReturnType<typeof setTimeout> | undefined
let running: Promise<void> | null = null

/** Sends everything that is due, one after another; other tabs wait meanwhile. */
export function sendNow(): Promise<void> {
  if (isFieldMode()) return Promise.resolve()
  running ??= navigator.locks.request('amparo-outbox', sendDue).finally(() => {
    running = null
    plan()
  })
  return running
}

async function sendDue(): Promise<void> {
  const done = new Set<string>()
  for (;;) {
    const store = deviceStore()
    const item = due(allItems(), Date.now()).find((one) => !done.has(one.id))
    if (store === null || item === undefined) return
    done.add(item.id)
    // Another tab may have sent it already; sending it again would do no harm.
    if (!(await store.ids('outbox')).includes(item.id)) {
      await putItems(allItems().filter((one) => one.id !== item.id))
      continue
    }
    await putItems(begun(allItems(), item.id))
    const outcome = await send(item)
    if (deviceStore() !== store) return
    await putItems(after(allItems(), item.id, outcome, Date.now(), Math.random()))
    for (const listener of listeners) listener(item, outcome)
    if (outcome.is === 'later' && outcome.wait === null) return
  }
}

/** Wakes when the next item is due. */
export function plan(): void {
  clearTimeout(timer)
  const next = Math.min(...due(allItems(), Number.POSITIVE_INFINITY).map((item) => item.nextAt))
  if (Number.isFinite(next)) timer = setTimeout(() => void sendNow(), Math.max(500, next - Date.now()))
}

/** The network is back: nothing has to wait for its time. */
export async function hurry(): Promise<void> {
  await putItems(allItems().map((item) => (item.refusal === null && item.nextAt > 0 ? { ...item, nextAt: 0 } : item)))
  await sendNow()
}
