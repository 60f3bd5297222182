/** What a filter of the role is called and offers, whichever of the server's shapes it comes in. */
import type { Field, Filter, FilterOption } from '~/api/schemas'
import type { TextKey, Words } from '~/i18n'
import { type Catalog, inLanguage } from '~/records/catalog'
import type { Kind } from '~/records/kinds'
import { choicesOf } from '~/records/options'

export interface FilterChoice {
  id: string
  label: string
}

const TITLES = {
  flagged: 'filter.flagged', owned_by: 'filter.owned_by', my_cases: 'filter.my_cases', workflow: 'filter.workflow',
  status: 'filter.status', age: 'filter.age', sex: 'filter.sex', protection_status: 'filter.protection_status',
  risk_level: 'filter.risk_level', displacement_status: 'filter.displacement_status',
  disability_status_yes_no: 'filter.disability', owned_by_agency_office: 'filter.agency_office',
  owned_by_agency_id: 'filter.agency', approval_status_assessment: 'filter.approval_assessment',
  approval_status_case_plan: 'filter.approval_case_plan', approval_status_closure: 'filter.approval_closure',
  protection_concerns: 'filter.protection_concerns', 'loc:location_current': 'filter.location',
  owned_by_groups: 'filter.groups', cases_by_date: 'filter.by_date', incidents_by_date: 'filter.by_date', families_by_date: 'filter.by_date', inquiry_date: 'filter.by_date', registration_date: 'filter.by_date', record_state: 'filter.record_state',
  module_id: 'filter.module', has_photo: 'filter.has_photo', last_updated_at: 'filter.last_updated',
} satisfies Record<string, TextKey>

/** The filter's name in words; of a filter that we have no words for, its field's. */
export function filterTitle(kind: Kind, filter: Filter, words: Words, catalog: Catalog): string {
  const key = (TITLES as Record<string, TextKey | undefined>)[filter.field_name]
  if (key !== undefined) return words.t(key)
  if (filter.unique_id === 'reporting_location') return words.t('filter.reporting_location')
  const field = catalog.field(kind.type, filter.unique_id)
  return field === undefined ? filter.unique_id.replaceAll('_', ' ') : inLanguage(field.display_name, words.language)
}

/** What the options of "my cases" mean; the server names them all by the person. */
const MINE: Record<string, TextKey> = { owned_by: 'filter.mine.owned_by', assigned_user_names: 'filter.mine.assigned_user_names' }

export function filterChoices(catalog: Catalog, filter: Filter, { language, t }: Pick<Words, 'language' | 't'>): FilterChoice[] {
  const source = filter.option_strings_source
  if (source === 'UserGroup') {
    const groups = (catalog.user.user_groups ?? []) as { unique_id: string; name: string }[]
    return groups.map((group) => ({ id: group.unique_id, label: group.name }))
  }
  if (source != null) return choicesOf(catalog, { id: 0, name: filter.field_name, type: 'select_box', option_strings_source: sourceName(source) } as Field, language)
  return optionsOf(filter, language).map((option) => ({
    id: filter.field_name === 'my_cases' && option.key !== undefined ? option.key : option.id,
    label: MINE[option.key ?? ''] !== undefined ? t(MINE[option.key ?? ''] as TextKey) : (option.display_name ?? inLanguage(option.display_text, language) ?? option.id),
  }))
}

/** Filters name lookups without the word in front. */
const sourceName = (source: string) => (source.startsWith('lookup-') ? `lookup ${source}` : source)

/** Options come as a list, by language, or by module. */
function optionsOf(filter: Filter, language: string): FilterOption[] {
  const { options } = filter
  if (options == null) return []
  if (Array.isArray(options)) return options
  const byLanguage = options[language] ?? options.en
  if (byLanguage !== undefined) return byLanguage
  const all = new Map(Object.values(options).flat().map((option) => [option.id, option]))
  return [...all.values()]
}
