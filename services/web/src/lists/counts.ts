/** How many records each option of a filter would find, with all other filters as they are. */
import { queryOptions } from '@tanstack/react-query'
import { type Query, call } from '~/api/client'
import { Refused, Unreachable } from '~/api/problem'
import type { Filter, RecordData } from '~/api/schemas'
import { deviceStore } from '~/device/store'
import { type KeptRecord, typeOf } from '~/record-pages/queries'
import type { Kind } from '~/records/kinds'
import type { FilterChoice } from './filter-options'
import { type ListSearch, type SearchKind, queryFor, searchQuery, withValues } from './list-search'
import { localRows } from './local-list'
import { wordsOf } from './searches'

export interface Count {
  count: number
  /** At least so many. */
  more: boolean
}

/** By the option's id; nothing for options that nobody counted. */
export type Counts = ReadonlyMap<string, Count>

interface Asked {
  kind: Kind
  filters: Filter[]
  filter: Filter
  choices: FilterChoice[]
  search: ListSearch
  /** What the list took the typed words for. */
  by: SearchKind | null
}

export const countsQuery = (asked: Asked) =>
  queryOptions({
    queryKey: ['list', asked.kind.place, 'counts', asked.filter.field_name, asked.search, asked.by, asked.choices.map((choice) => choice.id)],
    queryFn: ({ signal }) => countsOf(asked, signal),
    placeholderData: (previous) => previous,
    retry: false,
  })

async function countsOf(asked: Asked, signal: AbortSignal): Promise<Counts> {
  const typed = await wordsOf(asked.search.find)
  const store = deviceStore()
  try {
    const { data } = await call<Record<string, Record<string, Count>>>(`/api/amparo/v1/${asked.kind.place}/counts`, { query: countsParameters(asked, typed), signal })
    return new Map(asked.choices.flatMap((choice) => {
      const [name, value] = conditionOf(asked.filter, choice)
      const count = data[name]?.[value]
      return count === undefined || (count.more && count.count === 0) ? [] : [[choice.id, count] as const]
    }))
  } catch (error) {
    // A filter that the server does not count shows no numbers, and filters as ever.
    if (error instanceof Refused && (error.status === 404 || error.status === 422)) return new Map()
    if (!(error instanceof Unreachable) || store === null) throw error
    const records = (await store.all<KeptRecord>('records')).filter((kept) => typeOf(kept) === asked.kind.type)
    return localCounts(records.map((kept) => kept.data), asked, typed)
  }
}

/** The filter's parameter and value for an option; "my cases" stands for several fields. */
function conditionOf(filter: Filter, choice: FilterChoice): [name: string, value: string] {
  if (filter.field_name !== 'my_cases' || !Array.isArray(filter.options)) return [filter.field_name, choice.id]
  const option = filter.options.find((one) => one.key === choice.id)
  return [choice.id, option?.id ?? '']
}

export function countsParameters({ filters, filter, choices, search, by }: Asked, typed: string): Query {
  const { order: _order, order_by: _by, ...others } = queryFor(withValues(search, filter.field_name, []), filters)
  const query: Query = { ...others, ...(by !== null && typed !== '' && searchQuery(typed, by)) }
  for (const choice of choices) {
    const [name, value] = conditionOf(filter, choice)
    const key = `of[${name}]`
    query[key] = query[key] === undefined ? value : `${String(query[key])},${value}`
  }
  return query
}

/** The same, over what is kept on the device. */
export function localCounts(records: RecordData[], { kind, filters, filter, choices, search }: Omit<Asked, 'by'>, typed: string): Counts {
  return new Map(choices.map((choice) => [choice.id, { count: localRows(records, withValues(search, filter.field_name, [choice.id]), filters, typed, kind).length, more: false }]))
}
