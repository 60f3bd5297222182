/** What a list shows, as its address says it, and how the server is asked for it. */
import type { Query } from '~/api/client'
import type { Filter } from '~/api/schemas'

/** Names of filters with their values, `sort`, and `find`: the key of a search that was typed. */
export type ListSearch = Record<string, string>

export function readListSearch(search: Record<string, unknown>): ListSearch {
  const texts = Object.entries(search).filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries(texts.map(([name, value]) => [name, String(value)]))
}

const NOT_FILTERS: ReadonlySet<string> = new Set(['sort', 'find'])
/** What a list asks for itself; an address cannot. */
const OWN: ReadonlySet<string> = new Set(['query', 'id_search', 'phonetic', 'phone_number', 'fields', 'page', 'per', 'order', 'order_by'])

export const valuesOf = (search: ListSearch, name: string): string[] =>
  search[name] === undefined || search[name] === '' ? [] : search[name].split(',')

/** The search with a filter's values exchanged; none leaves the filter out. */
export function withValues(search: ListSearch, name: string, values: string[]): ListSearch {
  const { [name]: _gone, ...rest } = search
  return values.length === 0 ? rest : { ...rest, [name]: values.join(',') }
}

export const filterNames = (search: ListSearch): string[] => Object.keys(search).filter((name) => !NOT_FILTERS.has(name) && !OWN.has(name))

/** Conditions beyond the role's filters, as home's numbers have them. */
export const conditionsOf = (search: ListSearch, filters: Filter[]): string[] =>
  filterNames(search).filter((name) => !filters.some((filter) => filter.field_name === name))

/** The server's parameters for an address. Conditions that are no filter of the role go as they are. */
export function queryFor(search: ListSearch, filters: Filter[]): Query {
  const query: Query = {}
  for (const name of conditionsOf(search, filters)) query[name] = search[name]
  for (const filter of filters) {
    const values = valuesOf(search, filter.field_name)
    if (values.length === 0) continue
    if (filter.field_name === 'my_cases') Object.assign(query, mine(filter, values))
    else if (filter.type === 'dates') Object.assign(query, byDate(values))
    else query[filter.field_name] = values
  }
  const sort = search.sort ?? '-created_at'
  query.order_by = sort.replace(/^-/, '')
  query.order = sort.startsWith('-') ? 'desc' : 'asc'
  return query
}

/** The options of this filter name the field that each of them means. */
function mine(filter: Filter, chosen: string[]): Query {
  const options = Array.isArray(filter.options) ? filter.options : []
  const meant = options.filter((option) => option.key !== undefined && chosen.includes(option.key))
  return Object.fromEntries(meant.map((option) => [`or[${option.key}]`, option.id]))
}

/** `field,from,to`: one of a record's dates within a range that may be open at the end. */
function byDate([field, from, to]: string[]): Query {
  if (field === undefined || !from) return {}
  return { [field]: `${from}..${to ?? ''}` }
}

export type SearchKind = 'name' | 'id' | 'phone'

/** What somebody may mean by what they typed, most likely first. */
export function kindsOf(typed: string): SearchKind[] {
  const text = typed.trim()
  const digits = text.replace(/[^\p{Nd}]/gu, '').length
  const letters = text.replace(/[^\p{L}]/gu, '').length
  if (letters === 0 && digits >= 7) return ['phone', 'id']
  if (digits > 0) return ['id', 'name']
  return /^[0-9a-f]{7}$/i.test(text) ? ['name', 'id'] : ['name']
}

const SWITCHES: Record<SearchKind, Query> = {
  name: { phonetic: true },
  id: { id_search: true },
  phone: { phone_number: true },
}

export const searchQuery = (typed: string, kind: SearchKind): Query => ({ query: typed.trim(), ...SWITCHES[kind] })
