/** What waits on this device, and what becomes of it: pure, so that any course of events can be tried. */
import type { FieldFault } from '~/api/problem'
import type { Conflict } from '~/record-pages/queries'
import type { RecordType } from '~/records/kinds'
import type { Patch } from '~/records/patch'
import { entriesOf } from '~/records/values'

/** A flag that is set, corrected or dealt with. */
export type FlagAct =
  | { is: 'flag'; message: string; date: string }
  | { is: 'reflag'; flag: number; message: string; date: string }
  | { is: 'unflag'; flag: number; message: string }

/** What is done to a record beside its fields. */
export type Act = FlagAct | { is: 'dismiss'; alert: string }

/** Work that somebody has begun and not handed in. */
export interface Draft {
  /** The record's; of an act one of its own. */
  id: string
  /** The record of an act. */
  of?: string
  act?: Act
  type: RecordType
  module: string | null
  /** The version that it was begun from; none for a new record. */
  base: number | undefined
  patch: Patch
  /** The record is new: nothing of it is on the server. */
  isNew: boolean
  savedAt: string
}

/** The record that somebody's words are about. */
export const recordOf = (draft: Draft): string => draft.of ?? draft.id

/** Where the draft of an act lies. */
export const actDraftId = (recordId: string, act: Act): string => `${recordId}/${act.is}${'flag' in act ? `/${act.flag}` : 'alert' in act ? `/${act.alert}` : ''}`

/** Work that was handed in and that the server has not confirmed. */
export interface Item {
  /** The command's id: however often it is sent, it counts once. */
  id: string
  recordId: string
  /** Nothing for a change of fields. */
  act?: Act
  type: RecordType
  module: string | null
  base: number | undefined
  patch: Patch
  isNew: boolean
  at: string
  tries: number
  /** Milliseconds; not before then is it sent again. */
  nextAt: number
  /** Why it needs somebody; never set for what goes by itself. */
  refusal: Refusal | null
}

export interface Refusal {
  status: number
  sentences: string[]
  faults: FieldFault[]
}

export type Outcome =
  | { is: 'sent'; version: number | undefined; conflicts?: Conflict[] }
  | { is: 'later'; wait: number | null }
  /** The server was put back to before the version that the work is based on. */
  | { is: 'ahead' }
  | { is: 'refused'; refusal: Refusal }

export type WorkState = 'draft' | 'waiting' | 'refused'

/** Every record has it: whatever differs from then on is kept both ways. */
export const FIRST = 1
const FIRST_WAIT = 2_000
const LONGEST_WAIT = 5 * 60_000

/** Twice as long each time, and never all devices at once. */
export function waitAfter(tries: number, chance: number): number {
  const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(tries, 16))
  return Math.round(longest * (0.5 + chance / 2))
}

/**
 * Adds work. What was never sent and is of the same record becomes one with it; what may have
 * reached the server stays as it is, and the new work waits behind it.
 */
export function withItem(items: Item[], added: Item): Item[] {
  const mine = items.filter((item) => item.recordId === added.recordId)
  const last = mine[mine.length - 1]
  const isAct = last?.act !== undefined || added.act !== undefined
  if (last === undefined || isAct || last.tries > 0 || last.refusal !== null) return [...items, added]
  const merged: Item = { ...last, id: added.id, patch: mergedPatch(last.patch, added.patch), at: added.at }
  return items.map((item) => (item === last ? merged : item))
}

/** One patch that does what two do after each other. */
export function mergedPatch(first: Patch, second: Patch): Patch {
  const merged: Patch = { ...first }
  for (const [name, value] of Object.entries(second)) {
    const before = first[name]
    const isEntries = Array.isArray(value) && value.some((one) => typeof one === 'object' && one !== null)
    if (!isEntries || before === undefined) merged[name] = value
    else merged[name] = mergedEntries(entriesOf(before), entriesOf(value))
  }
  return merged
}

/** Where the same record was begun again meanwhile, the later words win and the others stay. */
export function joined(former: Draft, now: Draft | undefined): Draft {
  if (now === undefined) return former
  const both = { ...now, base: former.base ?? now.base, isNew: former.isNew || now.isNew, patch: mergedPatch(former.patch, now.patch) }
  const [first, second] = [former.act, now.act]
  if (first === undefined || second === undefined || !('message' in first) || !('message' in second) || first.message === second.message) return both
  return { ...both, act: { ...second, message: `${first.message}\n${second.message}` } }
}

type PatchEntry = Record<string, unknown> & { unique_id?: string }

function mergedEntries(first: PatchEntry[], second: PatchEntry[]): PatchEntry[] {
  let merged = first
  for (const entry of second) {
    const at = merged.findIndex((one) => one.unique_id === entry.unique_id)
    const before = merged[at]
    if (before === undefined || entry._destroy === true) merged = [...merged.filter((one) => one !== before), entry]
    else merged = merged.map((one) => (one === before ? { ...mergedPatch(before, entry), unique_id: entry.unique_id as string } : one))
  }
  return merged
}

/** Fields that name another record, which may have been begun on this device too. */
const NAMING = ['incident_case_id', 'family_id', 'registry_record_id'] as const

/**
 * The items that may be sent now: of each record the first one, unless it needs somebody; and
 * none that names a record which the server does not know yet.
 */
export function due(items: Item[], now: number): Item[] {
  const seen = new Set<string>()
  const unknown = new Set(items.filter((item) => item.isNew).map((item) => item.recordId))
  return items.filter((item) => {
    if (seen.has(item.recordId)) return false
    seen.add(item.recordId)
    const waits = NAMING.some((name) => unknown.has(String(item.patch[name] ?? '')))
    return item.refusal === null && item.nextAt <= now && !waits
  })
}

/** The item is on its way: from here on the server may have it. */
export function begun(items: Item[], id: string): Item[] {
  return items.map((item) => (item.id === id ? { ...item, tries: item.tries + 1 } : item))
}

/** The items after one of them met the server. Nothing leaves but what was confirmed. */
export function after(items: Item[], id: string, outcome: Outcome, now: number, chance: number): Item[] {
  const item = items.find((one) => one.id === id)
  if (item === undefined) return items
  switch (outcome.is) {
    case 'sent':
      return items.filter((one) => one.id !== id).map((one) => rebased(one, item, outcome.version))
    case 'later': {
      const wait = Math.max(waitAfter(item.tries, chance), outcome.wait ?? 0)
      return items.map((one) => (one.id === id ? { ...one, nextAt: now + wait } : one))
    }
    case 'ahead':
      return items.map((one) => (one.id === id ? { ...one, base: FIRST, nextAt: now } : one))
    case 'refused':
      return items.map((one) => (one.id === id ? { ...one, refusal: outcome.refusal } : one))
  }
}

/**
 * Later work of the same record was made upon what was just confirmed. Where nobody else came in
 * between, it is based on the new version; otherwise it keeps its base, so that the server can
 * see what both sides changed.
 */
function rebased(item: Item, sent: Item, version: number | undefined): Item {
  if (item.recordId !== sent.recordId || version === undefined) return item
  const alone = sent.isNew || (sent.base !== undefined && version === sent.base + 1)
  return alone && (item.base === sent.base || item.base === undefined) ? { ...item, base: version } : item
}

/** All unsent changes of a record as one patch. */
export function pendingOf(items: Item[], recordId: string): { patch: Patch; create: boolean } | null {
  const mine = items.filter((item) => item.recordId === recordId)
  if (mine.length === 0) return null
  return {
    patch: mine.reduce<Patch>((patch, item) => mergedPatch(patch, item.patch), {}),
    create: mine.some((item) => item.isNew),
  }
}
