/** Fields with two values that are not settled, as far as this device knows: in memory, and sealed. */
import { call } from '~/api/client'
import { patiently } from '~/api/patient'
import { Refused } from '~/api/problem'
import { deviceStore } from '~/device/store'
import { type Conflict, type KeptRecord, typeOf } from '~/record-pages/queries'
import { type Kind, KINDS, type RecordType } from '~/records/kinds'

/** The open conflicts of one record. */
export interface Entry {
  type: RecordType
  recordId: string
  conflicts: Conflict[]
  /** What the record is called, where the server said so. */
  title?: string
  code?: string
}

export interface Inbox {
  entries: Entry[]
  /** Conflicts that somebody will look at another day. */
  later: string[]
  /** When the server was asked for all of them. */
  at: string | null
}

const EMPTY: Inbox = { entries: [], later: [], at: null }
const KEY = 'merge/inbox'
let inbox = EMPTY
const listeners = new Set<() => void>()

export const knownInbox = (): Inbox => inbox

export function listenToInbox(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The inbox with one record's conflicts as they are now; without any the record goes. */
export function withEntry(now: Inbox, entry: Entry): Inbox {
  const known = now.entries.find((one) => one.recordId === entry.recordId)
  if (entry.conflicts.length === 0) return pruned({ ...now, entries: now.entries.filter((one) => one !== known) })
  if (known === undefined) return pruned({ ...now, entries: [...now.entries, entry] })
  return pruned({ ...now, entries: now.entries.map((one) => (one === known ? { ...known, ...entry } : one)) })
}

/** Conflicts that a write has just met come to those that are known. */
export function withMet(now: Inbox, { type, recordId, conflicts }: Entry): Inbox {
  const known = now.entries.find((one) => one.recordId === recordId)?.conflicts ?? []
  const met = new Set(conflicts.map((one) => one.id))
  return withEntry(now, { type, recordId, conflicts: [...known.filter((one) => !met.has(one.id)), ...conflicts] })
}

/** What is put off goes with its conflict. */
function pruned(now: Inbox): Inbox {
  const open = new Set(now.entries.flatMap((entry) => entry.conflicts.map((one) => one.id)))
  return { ...now, later: now.later.filter((id) => open.has(id)) }
}

export const waiting = (now: Inbox): number =>
  now.entries.reduce((sum, entry) => sum + entry.conflicts.filter((one) => !now.later.includes(one.id)).length, 0)

export async function putInbox(next: Inbox): Promise<void> {
  inbox = next
  for (const listener of listeners) listener()
  await deviceStore()?.put('kept', KEY, next)
}

export async function loadInbox(): Promise<void> {
  inbox = (await deviceStore()?.get<Inbox>('kept', KEY)) ?? EMPTY
  for (const listener of listeners) listener()
}

export function forgetInbox(): void {
  inbox = EMPTY
  for (const listener of listeners) listener()
}

export const putOff = (id: string) => putInbox({ ...inbox, later: [...inbox.later, id] })
export const takeUp = (id: string) => putInbox({ ...inbox, later: inbox.later.filter((one) => one !== id) })

/** Asks for the conflicts of one record. */
export async function readConflicts(kind: Kind, recordId: string, signal?: AbortSignal): Promise<Conflict[]> {
  const { data } = await call<Conflict[]>(`/api/amparo/v1/${kind.place}/${recordId}/conflicts`, signal === undefined ? {} : { signal })
  await putInbox(withEntry(inbox, { type: kind.type, recordId, conflicts: data }))
  return data
}

const AT_ONCE = 2

/** Asks anew about every record that the person may change: in one call, or for what the device keeps one by one. */
export async function renewInbox(mayWrite: (kind: Kind) => boolean, signal: AbortSignal): Promise<Inbox> {
  const listed = await listConflicts(signal)
  const entries = listed ?? (await askEach(mayWrite, signal))
  await putInbox(pruned({ ...inbox, entries, at: new Date().toISOString() }))
  return inbox
}

type Listed = Conflict & { record_type: RecordType; record_id: string; title?: string; short_id?: string }
const PER = 100

/** One entry for each record, in the order of the list: one's own first, then the newest. */
export function entriesOf(listed: Listed[]): Entry[] {
  const entries = new Map<string, Entry>()
  for (const one of listed.filter((each) => each.record_type in KINDS)) {
    const { record_type: type, record_id: recordId, title, short_id: code } = one
    const entry = entries.get(recordId) ?? { type, recordId, conflicts: [], ...(title !== undefined && { title }), ...(code !== undefined && { code }) }
    entries.set(recordId, { ...entry, conflicts: [...entry.conflicts, one] })
  }
  return [...entries.values()]
}

/** Nothing where the server has no such list. */
async function listConflicts(signal: AbortSignal): Promise<Entry[] | null> {
  try {
    const listed: Listed[] = []
    for (let page = 1; ; page += 1) {
      const { data, metadata } = await call<Listed[]>('/api/amparo/v1/conflicts', { query: { page, per: PER }, signal })
      listed.push(...data)
      if (data.length === 0 || listed.length >= Number(metadata.total ?? 0)) return entriesOf(listed)
    }
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null
    throw error
  }
}

async function askEach(mayWrite: (kind: Kind) => boolean, signal: AbortSignal): Promise<Entry[]> {
  const kept = (await deviceStore()?.all<KeptRecord>('records')) ?? []
  const ids = new Map(kept.map((one) => [one.data.id, typeOf(one)]))
  for (const entry of inbox.entries) ids.set(entry.recordId, entry.type)
  const asked = [...ids].filter(([, type]) => mayWrite(KINDS[type]))
  const entries: Entry[] = []
  const worker = async () => {
    for (let next = asked.pop(); next !== undefined; next = asked.pop()) {
      const [recordId, type] = next
      const conflicts = await conflictsOf(KINDS[type], recordId, signal)
      if (conflicts.length > 0) entries.push({ type, recordId, conflicts })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return entries
}

/** A record that is out of reach has none for this person. */
async function conflictsOf(kind: Kind, id: string, signal: AbortSignal): Promise<Conflict[]> {
  try {
    return (await patiently(() => call<Conflict[]>(`/api/amparo/v1/${kind.place}/${id}/conflicts`, { signal }))).data
  } catch (error) {
    if (error instanceof Refused && [403, 404, 410].includes(error.status)) return []
    throw error
  }
}
