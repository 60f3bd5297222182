/** Searches that somebody keeps by a name, on the server; what was typed is no part of them. */
import { queryOptions } from '@tanstack/react-query'
import { call } from '~/api/client'
import { keptOnDevice } from '~/device/kept'
import type { Kind } from '~/records/kinds'
import { type ListSearch, filterNames, valuesOf } from './list-search'

export interface SavedSearch {
  id: number
  name: string
  record_type: string
  filters: { name: string; value: unknown }[]
}

export const savedQuery = queryOptions({
  queryKey: ['saved-searches'],
  queryFn: ({ signal }) => keptOnDevice('saved-searches', async () => (await call<SavedSearch[]>('/api/v2/saved_searches', { query: { per: 100 }, signal })).data),
})

/** Filters and the order; words may be a name, and stay on the device. */
export const filtersOf = (search: ListSearch): SavedSearch['filters'] =>
  [...filterNames(search), 'sort'].flatMap((name) => (valuesOf(search, name).length === 0 ? [] : [{ name, value: valuesOf(search, name) }]))

/** The address of a saved search; what no address can say is left out. */
export function searchOfSaved(saved: Pick<SavedSearch, 'filters'>): ListSearch {
  const pairs = saved.filters.flatMap(({ name, value }): [string, string][] => (Array.isArray(value) ? [[name, value.map(String).join(',')]] : typeof value === 'string' ? [[name, value]] : []))
  return Object.fromEntries(pairs.filter(([, value]) => value !== ''))
}

export const saveSearch = (kind: Kind, name: string, search: ListSearch, modules: string[]) =>
  call<SavedSearch>('/api/v2/saved_searches', { method: 'POST', body: { data: { name, record_type: kind.place, module_ids: modules, filters: filtersOf(search) } }, commandId: crypto.randomUUID() })

export const dropSearch = (id: number) => call(`/api/v2/saved_searches/${id}`, { method: 'DELETE' })
