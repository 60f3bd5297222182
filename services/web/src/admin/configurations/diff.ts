/** Two whole configurations, told apart in words that a person can read. Pure. */
export type Snapshot = Record<string, unknown>
type Thing = Record<string, unknown>

/** A member of an object that differs. Texts are told by language, lists of fields and options by entry. */
export interface Difference {
  path: string
  before: string
  after: string
}

export interface ThingDiff {
  id: string
  name: string
  differences: Difference[]
}

export interface KindDiff {
  kind: string
  created: string[]
  removed: string[]
  /** Gone from the snapshot, but left alone by applying it. */
  stays: string[]
  changed: ThingDiff[]
}

/** What applying removes when the snapshot lacks it; other kinds stay. */
const REMOVED = new Set(['FormSection', 'Lookup', 'Report'])
/** Parts of objects that are lists of named entries. */
const ENTRIES: Record<string, string> = { fields_attributes: 'name', fields: 'name', lookup_values_i18n: 'id', values: 'id', option_strings_text_i18n: 'id', tally_i18n: 'id' }

const isObject = (value: unknown): value is Thing => typeof value === 'object' && value !== null && !Array.isArray(value)
const idOf = (thing: Thing) => String(thing.unique_id ?? thing.name ?? '')

export function nameOf(thing: Thing, language: string): string {
  const texts = thing.name_i18n ?? thing.name
  if (isObject(texts)) return String(texts[language] || texts.en || idOf(thing))
  return typeof texts === 'string' && texts !== '' ? texts : idOf(thing)
}

export function diffSnapshots(before: Snapshot, after: Snapshot, language: string): KindDiff[] {
  const kinds = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return kinds.map((kind) => diffKind(kind, before[kind], after[kind], language)).filter((one) => one.created.length + one.removed.length + one.changed.length + one.stays.length > 0)
}

function diffKind(kind: string, before: unknown, after: unknown, language: string): KindDiff {
  const things = (value: unknown): Thing[] => (Array.isArray(value) ? value.filter(isObject) : isObject(value) ? [value] : [])
  const had = new Map(things(before).map((one) => [idOf(one), one]))
  const has = new Map(things(after).map((one) => [idOf(one), one]))
  // Of what there is one only, the name is a property like others.
  const single = !Array.isArray(before) && !Array.isArray(after)
  if (single && had.size === 1 && has.size === 1) {
    const [[, old]] = [...had] as [[string, Thing]]
    const [[id, now]] = [...has] as [[string, Thing]]
    const differences = differencesOf(old, now)
    return { kind, created: [], removed: [], stays: [], changed: differences.length === 0 ? [] : [{ id, name: nameOf(now, language), differences }] }
  }
  const gone = [...had].filter(([id]) => !has.has(id)).map(([, thing]) => nameOf(thing, language))
  const changed = [...has].flatMap(([id, thing]) => {
    const old = had.get(id)
    const differences = old === undefined ? [] : differencesOf(old, thing)
    return differences.length === 0 ? [] : [{ id, name: nameOf(thing, language), differences }]
  })
  return {
    kind, changed, created: [...has].filter(([id]) => !had.has(id)).map(([, thing]) => nameOf(thing, language)),
    removed: REMOVED.has(kind) ? gone : [], stays: REMOVED.has(kind) ? [] : gone,
  }
}

export function differencesOf(before: Thing, after: Thing, path = ''): Difference[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return keys.flatMap((key) => differenceAt(before[key], after[key], path === '' ? key : `${path} › ${key}`, key))
}

function differenceAt(before: unknown, after: unknown, path: string, key: string): Difference[] {
  if (JSON.stringify(before ?? null) === JSON.stringify(after ?? null)) return []
  const by = ENTRIES[key]
  if (by !== undefined && Array.isArray(before) && Array.isArray(after)) return entries(before.filter(isObject), after.filter(isObject), path, by)
  if (isObject(before) && isObject(after)) return differencesOf(before, after, path)
  if (isList(before) && isList(after)) {
    const gone = before.filter((one) => !after.includes(one))
    const come = after.filter((one) => !before.includes(one))
    if (gone.length + come.length > 0) return [{ path, before: gone.join(', '), after: come.join(', ') }]
  }
  return [{ path, before: shown(before), after: shown(after) }]
}

const isList = (value: unknown): value is (string | number)[] => Array.isArray(value) && value.every((one) => typeof one === 'string' || typeof one === 'number')

function entries(before: Thing[], after: Thing[], path: string, by: string): Difference[] {
  const had = new Map(before.map((one) => [String(one[by]), one]))
  const has = new Map(after.map((one) => [String(one[by]), one]))
  const found = [
    ...[...had.keys()].filter((id) => !has.has(id)).map((id) => ({ path: `${path} › ${id}`, before: id, after: '' })),
    ...[...has].flatMap(([id, entry]) => {
      const old = had.get(id)
      return old === undefined ? [{ path: `${path} › ${id}`, before: '', after: id }] : differencesOf(old, entry, `${path} › ${id}`)
    }),
  ]
  const order = (list: Thing[], other: Map<string, Thing>) => list.map((one) => String(one[by])).filter((id) => other.has(id)).join(', ')
  const [old, now] = [order(before, has), order(after, had)]
  return old === now ? found : [...found, { path, before: old, after: now }]
}

function shown(value: unknown): string {
  if (value === undefined || value === null || value === '') return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
