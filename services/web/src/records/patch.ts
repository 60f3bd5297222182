/** What a person changed, as the body of a write: fields that differ, and of subforms the entries. */
import { same } from './expressions'
import { type Entry, entriesOf } from './values'

export type Values = Record<string, unknown>
export type Patch = Record<string, unknown>

const isSubform = (one: unknown, other: unknown): boolean => {
  const hasEntries = (value: unknown) => Array.isArray(value) && value.some((item) => typeof item === 'object' && item !== null)
  return hasEntries(one) || hasEntries(other)
}

/** From what was read to what is there now. */
export function patchBetween(base: Values, now: Values): Patch {
  const patch: Patch = {}
  for (const [name, value] of Object.entries(now)) {
    const before = base[name] ?? null
    if (same(before, value ?? null)) continue
    patch[name] = isSubform(before, value) ? entriesBetween(entriesOf(before), entriesOf(value)) : value
  }
  return patch
}

/** New and changed entries with what changed in them, and marks for those that are gone. */
function entriesBetween(before: Entry[], now: Entry[]): Entry[] {
  const known = new Map(before.map((entry) => [entry.unique_id, entry]))
  const changed = now.flatMap((entry): Entry[] => {
    const old = known.get(entry.unique_id)
    if (old === undefined) return [entry]
    const patch = patchBetween(old, entry)
    return Object.keys(patch).length === 0 ? [] : [{ ...patch, ...(entry.unique_id === undefined ? {} : { unique_id: entry.unique_id }) }]
  })
  const kept = new Set(now.map((entry) => entry.unique_id))
  const gone = before.filter((entry) => entry.unique_id !== undefined && !kept.has(entry.unique_id))
  return [...changed, ...gone.map((entry) => ({ unique_id: entry.unique_id as string, _destroy: true }))]
}

/** A record with a patch applied, as the server applies it. */
export function applyPatch(values: Values, patch: Patch): Values {
  const next: Values = { ...values }
  for (const [name, value] of Object.entries(patch)) {
    next[name] = isSubform(values[name], value) ? applyEntries(entriesOf(values[name]), entriesOf(value)) : value
  }
  return next
}

function applyEntries(entries: Entry[], patches: Entry[]): Entry[] {
  let next = entries
  for (const patch of patches) {
    const { _destroy: destroyed, ...rest } = patch
    const at = next.findIndex((entry) => entry.unique_id !== undefined && entry.unique_id === patch.unique_id)
    if (destroyed === true) next = next.filter((_, index) => index !== at)
    else if (at < 0) next = [...next, rest]
    else next = next.map((entry, index) => (index === at ? { ...applyPatch(entry, rest), unique_id: entry.unique_id as string } : entry))
  }
  return next
}
