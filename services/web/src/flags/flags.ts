/** The flags of a record, as the server keeps them and with what waits on this device. */
import { queryOptions } from '@tanstack/react-query'
import { call } from '~/api/client'
import { keptOnDevice } from '~/device/kept'
import type { Act, Item, WorkState } from '~/outbox/model'
import type { Kind } from '~/records/kinds'

export interface Flag {
  id: number
  message: string
  date: string | null
  flagged_by: string
  created_at: string
  removed: boolean
  unflag_message: string | null
  unflagged_by: string | null
  unflagged_date: string | null
}

export const flagsQuery = (kind: Kind, id: string) =>
  queryOptions({ queryKey: ['record', id, 'flags'], queryFn: ({ signal }) => readFlags(kind, id, signal) })

/** Asked for, and kept sealed for when the server is away. */
export const readFlags = (kind: Kind, id: string, signal?: AbortSignal): Promise<Flag[]> =>
  keptOnDevice(`flags/${id}`, async () => (await call<Flag[]>(`/api/v2/${kind.place}/${id}/flags`, signal === undefined ? {} : { signal })).data)

export interface ShownFlag extends Flag {
  /** What waits on this device concerns it. */
  unsent: WorkState | null
}

type Done = Pick<Item, 'at' | 'refusal'> & { act: Act }

const stateOf = (done: Done): WorkState => (done.refusal === null ? 'waiting' : 'refused')

/** Open flags, the latest date first, and those that were dealt with. */
export function flagsNow(known: readonly Flag[], done: readonly Done[], userName: string): { open: ShownFlag[]; resolved: ShownFlag[] } {
  const coming = done.flatMap((one, at): ShownFlag[] => (one.act.is === 'flag' ? [newFlag(one, one.act, userName, -1 - at)] : []))
  const all = [...coming, ...known.map((flag) => done.reduce(withAct, { ...flag, unsent: null } as ShownFlag))]
  const byDate = all.sort((one, other) => String(other.date).localeCompare(String(one.date)))
  return { open: byDate.filter((flag) => !flag.removed), resolved: byDate.filter((flag) => flag.removed) }
}

function withAct(flag: ShownFlag, one: Done): ShownFlag {
  const { act } = one
  if (!('flag' in act) || act.flag !== flag.id) return flag
  const unsent = stateOf(one)
  // What was refused has not happened; what waits will.
  if (unsent === 'refused') return { ...flag, unsent }
  if (act.is === 'reflag') return { ...flag, message: act.message, date: act.date, unsent }
  return { ...flag, removed: true, unflag_message: act.message, unflagged_date: one.at.slice(0, 10), unsent }
}

const newFlag = (done: Done, act: Extract<Act, { is: 'flag' }>, userName: string, id: number): ShownFlag => ({
  id, message: act.message, date: act.date, flagged_by: userName, created_at: done.at, removed: false, unflag_message: null, unflagged_by: null, unflagged_date: null, unsent: stateOf(done),
})
