/** How the server is asked for what waits. */
import type { Call } from '~/api/client'
import { KINDS } from '~/records/kinds'
import type { Act, Item } from './model'

const PATIENCE = 60_000

export function requestOf(item: Item): [path: string, call: Call] {
  const all = `/api/v2/${KINDS[item.type].place}`
  const record = `${all}/${item.recordId}`
  const write = { commandId: item.id, patience: PATIENCE }
  if (item.act !== undefined) return actOn(record, item.act, write)
  const based = { ...write, baseVersion: item.base }
  if (item.isNew) return [all, { ...based, method: 'POST', body: { data: { ...item.patch, id: item.recordId } } }]
  return [record, { ...based, method: 'PATCH', body: { data: item.patch } }]
}

/** Flags and alerts say nothing of the record's fields, and so have no base. */
function actOn(record: string, act: Act, write: Call): [string, Call] {
  const flags = `${record}/flags`
  switch (act.is) {
    case 'flag': return [flags, { ...write, method: 'POST', body: { data: { message: act.message, date: act.date } } }]
    case 'reflag': return [`${flags}/${act.flag}`, { ...write, method: 'PATCH', body: { data: { message: act.message, date: act.date } } }]
    case 'dismiss': return [`${record}/alerts/${act.alert}`, { ...write, method: 'DELETE' }]
    case 'unflag': return [`${flags}/${act.flag}`, { ...write, method: 'PATCH', body: { data: { unflag_message: act.message } } }]
  }
}
