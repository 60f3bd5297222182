/** Who somebody about to be registered may be already: as the server compares, and as the device knows. */
import { call } from '~/api/client'
import { Refused, Unreachable } from '~/api/problem'
import { deviceStore } from '~/device/store'
import { searchQuery } from '~/lists/list-search'
import { localRows } from '~/lists/local-list'
import type { ListRow } from '~/lists/queries'
import { allDrafts, allItems } from '~/outbox/work'
import { type Kind, KINDS } from '~/records/kinds'
import type { Values } from '~/records/patch'
import { type KeptRecord, typeOf } from './queries'

export interface Candidate {
  row: ListRow
  tier: string | null
  /** Sentences of the server: what speaks for it and against it. */
  reasons: string[]
  /** Nobody else knows it: it waits on this device. */
  unsent: boolean
}

export interface Similar {
  candidates: Candidate[]
  /** The server could not be asked: others' records were not looked at. */
  onlyDevice: boolean
}

const MOST = 8

export async function findSimilar(kind: Kind, name: string, values: Values, signal: AbortSignal): Promise<Similar> {
  const unsent = localRows(begunHere(kind), {}, [], name, kind).map((row) => ({ row, tier: null, reasons: [], unsent: true }))
  try {
    const known = await fromServer(kind, name, values, signal)
    return { candidates: joined(unsent, known), onlyDevice: false }
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error
    const kept = (await deviceStore()?.all<KeptRecord>('records')) ?? []
    const rows = localRows(kept.filter((one) => typeOf(one) === kind.type).map((one) => one.data), {}, [], name, kind)
    return { candidates: joined(unsent, rows.slice(0, MOST).map(plain)), onlyDevice: true }
  }
}

const plain = (row: ListRow): Candidate => ({ row, tier: null, reasons: [], unsent: false })

/** What was begun here comes first, each record once. */
export function joined(unsent: Candidate[], known: Candidate[]): Candidate[] {
  const ids = new Set(known.map((one) => one.row.id))
  return [...unsent.filter((one) => !ids.has(one.row.id)), ...known]
}

interface Likeness {
  case: ListRow
  tier: string
  reasons: { text: string }[]
}

async function fromServer(kind: Kind, name: string, values: Values, signal: AbortSignal): Promise<Candidate[]> {
  if (kind === KINDS.case) {
    const compared = await compare(values, signal)
    if (compared !== null) return compared
  }
  const { data } = await call<ListRow[]>(`/api/v2/${kind.place}`, { query: { ...searchQuery(name, 'name'), per: MOST }, signal })
  return data.map(plain)
}

/** Nothing where the server or the role does not compare. */
async function compare(values: Values, signal: AbortSignal): Promise<Candidate[] | null> {
  try {
    const { data } = await call<Likeness[]>('/api/amparo/v1/cases/similar', { method: 'POST', body: { data: values }, signal })
    return data.map((one) => ({ row: one.case, tier: one.tier, reasons: one.reasons.map((reason) => reason.text), unsent: false }))
  } catch (error) {
    if (error instanceof Refused && [403, 404, 422].includes(error.status)) return null
    throw error
  }
}

/** New records that wait on this device, with their whole name as the server would make it. */
function begunHere(kind: Kind) {
  const begun = [
    ...allItems().filter((item) => item.isNew && item.type === kind.type).map((item) => ({ id: item.recordId, ...item.patch })),
    ...[...allDrafts().values()].filter((draft) => draft.isNew && draft.type === kind.type).map((draft) => ({ id: draft.id, ...draft.patch })),
  ] as (Values & { id: string })[]
  return begun.map((one) => ({ name: ['name_first', 'name_middle', 'name_last'].map((part) => one[part]).filter(Boolean).join(' '), ...one }))
}
