/** The case list computed on the device, with the filters that the server would apply. */
import type { Filter, RecordData } from '~/api/schemas'
import type { Kind } from '~/records/kinds'
import type { ListRow } from './queries'
import { type ListSearch, conditionsOf, filterNames, valuesOf } from './list-search'

export function localRows(records: RecordData[], search: ListSearch, filters: Filter[], typed: string, kind: Kind): ListRow[] {
  const wanted = filters.filter((filter) => filterNames(search).includes(filter.field_name))
  const conditions = conditionsOf(search, filters)
  const words = folded(typed)
  const kept = records.filter((record) => wanted.every((filter) => fits(record, filter, search)) && conditions.every((name) => meets(record, name, valuesOf(search, name))) && (words === '' || said(record, kind).includes(words)))
  return kept.sort(orderOf(search.sort ?? '-created_at')) as ListRow[]
}

function fits(record: RecordData, { field_name: name, type }: Filter, search: ListSearch): boolean {
  const values = valuesOf(search, name)
  if (type === 'dates') return fitsDate(record, values)
  if (name === 'my_cases') return values.some((key) => holds(record[key], String(record.owned_by ?? '')))
  if (name === 'flagged') return Number(record.flag_count ?? 0) > 0
  const field = name.replace(/^loc:/, '')
  if (name.startsWith('loc:')) return values.some((code) => String(record[field] ?? '').startsWith(code))
  return values.some((value) => holds(record[field], value))
}

/** A condition of home's numbers: a field's values, or none of them. */
function meets(record: RecordData, name: string, values: string[]): boolean {
  const not = /^not\[(.+)\]$/.exec(name)?.[1]
  return not === undefined ? values.some((value) => holds(record[name], value)) : !values.some((value) => holds(record[not], value))
}

function holds(have: unknown, wanted: string): boolean {
  if (Array.isArray(have)) return have.some((one) => holds(one, wanted))
  const days = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})?$/.exec(wanted)
  if (days !== null) return typeof have === 'string' && have.slice(0, 10) >= String(days[1]) && (days[2] === undefined || have.slice(0, 10) <= days[2])
  const range = /^(\d+)\.\.(\d+)$/.exec(wanted)
  if (range !== null) return typeof have === 'number' && have >= Number(range[1]) && have <= Number(range[2])
  return String(have ?? '') === wanted
}

function fitsDate(record: RecordData, [field, from, to]: string[]): boolean {
  if (field === undefined || !from) return true
  const dates = [record[field]].flat().filter((one) => typeof one === 'string')
  return dates.some((date) => date.slice(0, 10) >= from && (!to || date.slice(0, 10) <= to))
}

const folded = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim()

/** What somebody may look for: names and identifiers. */
const said = (record: RecordData, kind: Kind) =>
  folded([...kind.title, ...kind.codes, 'name_nickname', 'name_other', 'short_id', 'national_id_no', 'telephone_current', 'registry_no', 'family_number'].map((field) => record[field] ?? '').join(' '))

function orderOf(sort: string): (one: RecordData, other: RecordData) => number {
  const field = sort.replace(/^-/, '')
  const turn = sort.startsWith('-') ? -1 : 1
  return (one, other) => turn * String(one[field] ?? '').localeCompare(String(other[field] ?? ''), undefined, { numeric: true })
}
