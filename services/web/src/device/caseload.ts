/**
 * "My caseload on this device": the records of whoever is signed in, of each type within its bound.
 * What was changed since is read again; what left one's reach, or was closed, goes from the device.
 * Records with work that was not sent stay, whatever happened to them elsewhere.
 */
import { call } from '~/api/client'
import { patiently } from '~/api/patient'
import { Refused } from '~/api/problem'
import type { RecordData } from '~/api/schemas'
import { type KeptRecord, typeOf } from '~/record-pages/queries'
import { recordOf } from '~/outbox/model'
import { allDrafts, allItems } from '~/outbox/work'
import { ALL_KINDS, type Kind, KINDS } from '~/records/kinds'
import { MOST_PINS, keepPins, pinned } from './pins'
import { type DeviceStore, deviceStore } from './store'
import { MOST_SYNCED, type Synced, forgetRecords, syncCaseload } from './sync'

const PER = 100
const KEY = 'caseload'

export interface Caseload {
  /** When all of it was as on the server. */
  at: string
  count: number
  /** Whether there may be more than the device keeps. */
  bounded: boolean
}

interface Listed {
  id: string
  last_updated_at?: string
}

export interface Plan {
  read: string[]
  gone: string[]
}

/** What has to be read anew and what has to go, from what the server lists and what is kept. */
export function planOf(listed: Listed[], kept: ReadonlyMap<string, string>, unsent: ReadonlySet<string>): Plan {
  const wanted = new Map(listed.map((one) => [one.id, one.last_updated_at ?? '']))
  return {
    read: listed.filter((one) => kept.get(one.id) !== (one.last_updated_at ?? '')).map((one) => one.id),
    gone: [...kept.keys()].filter((id) => !wanted.has(id) && !unsent.has(id)),
  }
}

export const keptCaseload = async (): Promise<Caseload | null> => (await deviceStore()?.get<Caseload>('kept', KEY)) ?? null

export interface Renewed {
  state: Caseload
  /** What is different now, with its version where that is known. */
  changed: Synced['changed']
  /** Records among it whose flags are worth keeping too. */
  flagged: Synced['flagged']
}

/** Brings the device's part up to date; nothing when the app was locked meanwhile. */
export async function renewCaseload(userName: string, mayRead: (kind: Kind) => boolean): Promise<Renewed | null> {
  const store = deviceStore()
  if (store === null) return null
  const kinds = ALL_KINDS.filter(mayRead)
  const renewed = (await bySync(store, kinds)) ?? (await byLists(store, kinds, userName))
  if (renewed !== null) await store.put('kept', KEY, renewed.state)
  return renewed
}

/** Nothing where the server knows no differences, or the app was locked. */
async function bySync(store: DeviceStore, kinds: Kind[]): Promise<Renewed | null> {
  try {
    const synced = await syncCaseload(store, kinds.map((kind) => kind.type), unsentIds, () => deviceStore() === store)
    if (synced === null) return null
    const count = synced.kept.case ?? 0
    return { ...synced, state: { at: synced.at, count, bounded: count >= MOST_SYNCED } }
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null
    throw error
  }
}

/** With a server that lists only: what is listed is compared with what is kept, and read one by one. */
async function byLists(store: DeviceStore, kinds: Kind[], userName: string): Promise<Renewed | null> {
  if (deviceStore() !== store) return null
  const records = await store.all<KeptRecord>('records')
  let cases = { count: 0, bounded: false }
  const changed: Renewed['changed'] = new Map()
  for (const kind of kinds) {
    const found = await listKind(kind, userName)
    if (found === null) continue
    const { listed, total } = found
    const kept = new Map(records.filter((one) => typeOf(one) === kind.type).map((one) => [one.data.id, String(one.data.last_updated_at ?? '')]))
    const plan = planOf(listed, kept, unsentIds())
    if (!(await renewKind(store, kind, plan))) return null
    for (const id of [...plan.read, ...plan.gone]) changed.set(id, undefined)
    if (kind === KINDS.case) cases = { count: listed.length, bounded: total > listed.length }
  }
  return { state: { at: new Date().toISOString(), ...cases }, changed, flagged: [] }
}

const unsentIds = () => new Set([...allItems().map((item) => item.recordId), ...[...allDrafts().values()].map(recordOf)])

/** False where the app was locked meanwhile. */
async function renewKind(store: DeviceStore, kind: Kind, plan: Plan): Promise<boolean> {
  await forgetRecords(store, plan.gone)
  for (const id of plan.read) {
    if (deviceStore() !== store) return false
    await keep(store, kind, id)
  }
  return true
}

/** One's own and what was chosen; nothing where the server refuses the type, which holds up no other. */
async function listKind(kind: Kind, userName: string): Promise<{ listed: Listed[]; total: number } | null> {
  try {
    const mine = await listMine(kind, userName)
    const chosen = await listPinned(kind, new Set(mine.listed.map((one) => one.id)))
    return { ...mine, listed: [...mine.listed, ...chosen] }
  } catch (error) {
    if (error instanceof Refused && !error.passes && error.status !== 401) return null
    throw error
  }
}

async function listMine({ place, kept }: Kind, userName: string): Promise<{ listed: Listed[]; total: number }> {
  const listed: Listed[] = []
  let total = 0
  for (let page = 1; listed.length < kept.most; page += 1) {
    const query = { fields: 'last_updated_at', ...kept.only, ...(kept.own ? { owned_by: userName } : {}), order_by: 'created_at', order: 'desc', per: PER, page }
    const { data, metadata } = await call<Listed[]>(`/api/v2/${place}`, { query })
    listed.push(...data)
    total = Number(metadata.total ?? listed.length)
    if (data.length < PER || listed.length >= total) break
  }
  return { listed: listed.slice(0, kept.most), total }
}

/** What somebody chose to keep besides; pins of what is out of reach go. */
async function listPinned({ type, place }: Kind, known: ReadonlySet<string>): Promise<Listed[]> {
  const ids = (await pinned())[type] ?? []
  const asked = ids.filter((id) => !known.has(id))
  if (asked.length === 0) return []
  const { data } = await call<Listed[]>(`/api/v2/${place}`, { query: { fields: 'last_updated_at', id: asked, per: MOST_PINS } })
  const found = new Set(data.map((one) => one.id))
  await keepPins(type, ids.filter((id) => known.has(id) || found.has(id)))
  return data
}

async function keep(store: DeviceStore, { type, place }: Kind, id: string): Promise<void> {
  try {
    const { data, version } = await patiently(() => call<RecordData>(`/api/v2/${place}/${id}`))
    const kept: KeptRecord = { type, data, version, at: new Date().toISOString() }
    await store.put('records', id, kept)
  } catch (error) {
    if (error instanceof Refused && [403, 404, 410].includes(error.status)) return forgetRecords(store, [id])
    throw error
  }
}
