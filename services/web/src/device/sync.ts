/**
 * The caseload by differences: the server chooses what belongs on this device, within a bound, and
 * says what changed and what has to go since it was asked last. Each answer is on the disk before
 * the next is asked for, so that a network that fails costs one answer and no more.
 */
import { call } from '~/api/client'
import { patiently } from '~/api/patient'
import type { RecordData } from '~/api/schemas'
import type { KeptRecord } from '~/record-pages/queries'
import type { RecordType } from '~/records/kinds'
import { type Pins, keepPins, pinned } from './pins'
import type { DeviceStore } from './store'

/** Of each type; the rest is read when somebody opens it. */
export const MOST_SYNCED = 500
const KEY = 'caseload/tags'
/** A slow network needs long for an answer of a hundred records. */
const PATIENCE = 120_000

/** What the device has, by type and id: the server's word for the state that it gave. */
export type Tags = Partial<Record<RecordType, Record<string, string>>>

export interface Delta {
  changed: { record_type: RecordType; id: string; version: number; tag: string; record: RecordData }[]
  gone: { record_type: RecordType; id: string; reason: string; merged_into?: string }[]
  more: boolean
  as_of: string
  kept: Partial<Record<RecordType, number>>
}

/** What the server is told of the device: tags of records that are really here. */
export function knownOf(tags: Tags, types: readonly RecordType[], here: ReadonlySet<string>): Tags {
  return Object.fromEntries(types.map((type) => [type, Object.fromEntries(Object.entries(tags[type] ?? {}).filter(([id]) => here.has(id)))]))
}

export function tagsAfter(tags: Tags, delta: Pick<Delta, 'changed' | 'gone'>): Tags {
  const next: Tags = structuredClone(tags)
  for (const { record_type: type, id } of delta.gone) delete next[type]?.[id]
  for (const { record_type: type, id, tag } of delta.changed) next[type] = { ...next[type], [id]: tag }
  return next
}

/** Records that belong to the caseload no more and hold no unsent work. */
export function strays(tags: Tags, here: Iterable<string>, unsent: ReadonlySet<string>): string[] {
  const wanted = new Set(Object.values(tags).flatMap((one) => Object.keys(one)))
  return [...here].filter((id) => !wanted.has(id) && !unsent.has(id))
}

export interface Synced {
  at: string
  kept: Delta['kept']
  /** What is different now on this device, with its version where there is one. */
  changed: Map<string, number | undefined>
  /** Records with open flags among it. */
  flagged: { type: RecordType; id: string }[]
}

/** Brings the device's part up to date; nothing when the app was locked meanwhile. */
export async function syncCaseload(store: DeviceStore, types: readonly RecordType[], unsent: () => ReadonlySet<string>, isOpen: () => boolean): Promise<Synced | null> {
  const here = new Set(await store.ids('records'))
  const pins = await pinned()
  let tags = knownOf((await store.get<Tags>('kept', KEY)) ?? {}, types, here)
  const changed: Synced['changed'] = new Map()
  const flagged: Synced['flagged'] = []
  for (;;) {
    const delta = await ask(tags, pins)
    if (!isOpen()) return null
    await keep(store, delta)
    await forgetPins(delta)
    tags = tagsAfter(tags, delta)
    await store.put('kept', KEY, tags)
    for (const { id, version, record, record_type: type } of delta.changed) {
      changed.set(id, version)
      if (Number(record.flag_count ?? 0) > 0) flagged.push({ type, id })
    }
    for (const { id } of delta.gone) changed.set(id, undefined)
    if (!delta.more || delta.changed.length + delta.gone.length === 0) {
      await forgetRecords(store, strays(tags, await store.ids('records'), unsent()))
      return { at: delta.as_of, kept: delta.kept, changed, flagged }
    }
  }
}

async function ask(known: Tags, pins: Pins): Promise<Delta> {
  const body = { data: { known, pinned: pins, limit: MOST_SYNCED } }
  return (await patiently(() => call<Delta>('/api/amparo/v1/sync', { method: 'POST', body, patience: PATIENCE }))).data
}

/** What was read beside a record. */
const BESIDE = ['flags', 'conflicts', 'incidents', 'alerts']

/** A record goes with all that was read of it. */
export async function forgetRecords(store: DeviceStore, ids: string[]): Promise<void> {
  await store.deleteAll('kept', ids.flatMap((id) => BESIDE.map((name) => `${name}/${id}`)))
  await store.deleteAll('records', ids)
}

async function keep(store: DeviceStore, { changed, as_of: at }: Delta): Promise<void> {
  await store.putAll('records', changed.map(({ record_type: type, id, version, record }) => [id, { type, data: record, version, at } satisfies KeptRecord]))
}

/** A choice of what is out of reach is no longer one. */
async function forgetPins({ gone }: Delta): Promise<void> {
  const lost = new Set(gone.filter((one) => one.reason !== 'closed' && one.reason !== 'not_chosen').map((one) => one.id))
  if (lost.size === 0) return
  for (const [type, ids] of Object.entries(await pinned())) {
    if (ids.some((id) => lost.has(id))) await keepPins(type as RecordType, ids.filter((id) => !lost.has(id)))
  }
}
