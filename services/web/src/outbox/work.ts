/** The drafts and the outbox of whoever is signed in: in memory for the screen, sealed on the device. */
import { type DeviceStore, deviceStore } from '~/device/store'
import { type Draft, type Item, actDraftId, joined } from './model'

let drafts = new Map<string, Draft>()
let items: Item[] = []
const listeners = new Set<() => void>()

function tell(): void {
  for (const listener of listeners) listener()
}

export function listenToWork(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const allItems = (): Item[] => items
export const allDrafts = (): ReadonlyMap<string, Draft> => drafts
export const draftOf = (id: string): Draft | null => drafts.get(id) ?? null

/** Reads what is on the device; done when the app is opened and when another tab may have changed it. */
export async function loadWork(): Promise<void> {
  const store = deviceStore()
  if (store === null) return
  const [kept, waiting] = await Promise.all([store.all<Draft>('drafts'), store.all<Item>('outbox')])
  drafts = new Map(kept.map((draft) => [draft.id, typed(draft)]))
  items = waiting.map(typed).sort((one, other) => one.at.localeCompare(other.at))
  tell()
}

/** Work of the time when there were cases only has no type. */
const typed = <T extends Draft | Item>(work: T): T => ({ ...work, type: work.type ?? 'case' })

/** Forgets what is in memory; the device keeps it. */
export function forgetWork(): void {
  drafts = new Map()
  items = []
  tell()
}

export async function saveDraft(draft: Draft): Promise<void> {
  drafts = new Map(drafts).set(draft.id, draft)
  tell()
  await deviceStore()?.put('drafts', draft.id, draft)
}

export async function dropDraft(id: string): Promise<void> {
  drafts = new Map(drafts)
  drafts.delete(id)
  tell()
  await deviceStore()?.delete('drafts', id)
}

/** Writes the items that differ from what was there. A new item is on the device before its draft goes. */
export async function putItems(next: Item[], replaces?: string): Promise<void> {
  const store = deviceStore()
  if (store === null) throw new Error('the device is locked')
  const before = items
  items = next
  if (replaces !== undefined) {
    drafts = new Map(drafts)
    drafts.delete(replaces)
  }
  tell()
  await writeItems(store, before, next, replaces)
}

async function writeItems(store: DeviceStore, before: Item[], next: Item[], replaces: string | undefined): Promise<void> {
  const known = new Set(before)
  for (const item of next) {
    if (known.has(item)) continue
    if (replaces !== undefined) await store.replace(['outbox', item.id, item], ['drafts', replaces])
    else await store.put('outbox', item.id, item)
  }
  const kept = new Set(next.map((item) => item.id))
  for (const item of before) if (!kept.has(item.id)) await store.delete('outbox', item.id)
}

/** Takes an item back into a draft, to be changed and handed in again. */
export async function takeBack(item: Item, base: Draft['base'], patch: Draft['patch']): Promise<void> {
  const own = { type: item.type, module: item.module, base, patch, isNew: item.isNew, savedAt: new Date().toISOString() }
  const taken: Draft = item.act === undefined ? { id: item.recordId, ...own } : { id: actDraftId(item.recordId, item.act), of: item.recordId, act: item.act, ...own }
  // What was written since stays, and counts.
  const draft = joined(taken, drafts.get(taken.id))
  drafts = new Map(drafts).set(draft.id, draft)
  items = items.filter((one) => one.id !== item.id)
  tell()
  await deviceStore()?.replace(['drafts', draft.id, draft], ['outbox', item.id])
}
