/** What a field offers to choose from. */
import type { Field, Option } from '~/api/schemas'
import { type Catalog, inLanguage } from './catalog'
import { type Data, shows } from './expressions'

export interface Choice {
  id: string
  label: string
  disabled: boolean
  tags: string[]
}

export type Source = 'list' | 'place' | 'agency' | 'user' | 'group' | 'none'

export function sourceOf(field: Field): Source {
  const source = field.option_strings_source ?? ''
  if (source === 'Location' || source === 'ReportingLocation') return 'place'
  if (source === 'Agency') return 'agency'
  if (source === 'User') return 'user'
  if (source === 'UserGroup') return 'group'
  if (source.startsWith('lookup') || (field.option_strings_text?.length ?? 0) > 0) return 'list'
  return 'none'
}

const fromOption = (language: string) => (option: Option): Choice => ({
  id: option.id,
  label: inLanguage(option.display_text, language) || option.id,
  disabled: option.disabled === true,
  tags: option.tags ?? [],
})

/** All choices of a field, disabled ones too, since records may hold them. */
export function choicesOf(catalog: Catalog, field: Field, language: string): Choice[] {
  const plain = (id: string, label: string): Choice => ({ id, label, disabled: false, tags: [] })
  switch (sourceOf(field)) {
    case 'place':
      return catalog.places.map((place) => ({ ...plain(place.code, placeName(place.name, language)), disabled: place.disabled === true }))
    case 'agency':
      return (catalog.settings.agencies ?? []).map((agency) => plain(agency.unique_id, inLanguage(agency.name, language)))
    case 'list':
      return (lookupOf(catalog, field)?.values ?? field.option_strings_text ?? []).map(fromOption(language))
    default:
      return []
  }
}

function lookupOf(catalog: Catalog, field: Field) {
  const [kind, id] = (field.option_strings_source ?? '').split(' ')
  return kind === 'lookup' && id !== undefined ? catalog.lookup(id) : undefined
}

/** The last part of a place's name says most; the parts above it follow. */
export function placeName(name: Record<string, string>, language: string): string {
  return inLanguage(name, language).split('::').slice(1).reverse().join(', ') || inLanguage(name, language)
}

/** Where there is little room: the place itself. */
export function shortPlaceName(catalog: Catalog, code: string, language: string): string {
  const place = catalog.place(code)
  return place === undefined ? code : (inLanguage(place.name, language).split('::').pop() ?? code)
}

/** The choices that are offered now: enabled, their tags' conditions met, and what is chosen already. */
export function offered(field: Field, choices: Choice[], data: Data, chosen: ReadonlySet<string>): Choice[] {
  const conditions = (field.option_strings_condition ?? {}) as Record<string, unknown>
  const open = new Map<string, boolean>()
  const isOpen = (tag: string) => {
    const known = open.get(tag) ?? shows(conditions[tag], data)
    open.set(tag, known)
    return known
  }
  const tagged = Object.keys(conditions).length > 0
  return choices.filter(
    (choice) => chosen.has(choice.id) || (!choice.disabled && (!tagged || choice.tags.length === 0 || choice.tags.some(isOpen))),
  )
}

/** The words for a stored code. */
export function labelOf(catalog: Catalog, field: Field, code: string, language: string): string {
  const source = sourceOf(field)
  if (source === 'place') {
    const place = catalog.place(code)
    return place === undefined ? code : placeName(place.name, language)
  }
  if (source === 'list') {
    const values = lookupOf(catalog, field)?.values ?? field.option_strings_text ?? []
    const found = values.find((value) => value.id === code)
    return found === undefined ? code : inLanguage(found.display_text, language) || code
  }
  if (source === 'agency') {
    const agency = catalog.settings.agencies?.find((one) => one.unique_id === code)
    return agency === undefined ? code : inLanguage(agency.name, language)
  }
  return code
}
