import { Suspense, lazy, useState } from 'react'
import type { Filter } from '~/api/schemas'
import type { Kind } from '~/records/kinds'
import { useWords } from '~/i18n'
import { Icon } from '~/ui/Icon'
import { inLanguage } from '~/records/catalog'
import { labelOf } from '~/records/options'
import { useCatalog } from '~/records/useCatalog'
import { SavedSearches } from './SavedSearches'
import { filterChoices, filterTitle } from './filter-options'
import { type ListSearch, type SearchKind, conditionsOf, filterNames, valuesOf, withValues } from './list-search'

const FilterSheet = lazy(() => import('./FilterSheet'))

interface Props {
  kind: Kind
  filters: Filter[]
  search: ListSearch
  by: SearchKind | null
  total: number | undefined
  onChange: (next: ListSearch) => void
}

/** The filters in force as chips, and the way to all of them. */
export function FilterBar({ kind, filters, search, by, total, onChange }: Props) {
  const { t } = useWords()
  const [open, setOpen] = useState(false)
  const used = filters.filter((filter) => filterNames(search).includes(filter.field_name))
  return (
    <div className="row">
      <button type="button" className="button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <Icon name="filter" /> {used.length === 0 ? t('filter.open') : t('filter.open_with', { count: used.length })}
      </button>
      <SavedSearches kind={kind} search={search} onChange={onChange} />
      {used.map((filter) => (
        <Chip key={filter.field_name} kind={kind} filter={filter} search={search} onGone={() => onChange(withValues(search, filter.field_name, []))} />
      ))}
      {conditionsOf(search, filters).map((name) => <Condition key={name} kind={kind} name={name} search={search} onGone={() => onChange(withValues(search, name, []))} />)}
      <Suspense>{open && <FilterSheet kind={kind} filters={filters} search={search} by={by} total={total} onChange={onChange} onClose={() => setOpen(false)} />}</Suspense>
    </div>
  )
}

function Chip({ kind, filter, search, onGone }: { kind: Kind; filter: Filter; search: ListSearch; onGone: () => void }) {
  const words = useWords()
  const catalog = useCatalog()
  const values = valuesOf(search, filter.field_name)
  const choices = filterChoices(catalog, filter, words)
  const said = values.map((value) => choices.find((choice) => choice.id === value)?.label ?? value)
  const title = filterTitle(kind, filter, words, catalog)
  return (
    <button type="button" className="chip" onClick={onGone}>
      <span className="soft">{title}:</span> <bdi>{said.join(', ')}</bdi>
      <Icon name="close" size={16} />
      <span className="only-read">{words.t('filter.remove')}</span>
    </button>
  )
}

/** A condition that came with a number of home: in words where the forms know its field. */
function Condition({ kind, name, search, onGone }: { kind: Kind; name: string; search: ListSearch; onGone: () => void }) {
  const words = useWords()
  const catalog = useCatalog()
  const inner = /^(?:not|or)\[(.+)\]$/.exec(name)?.[1] ?? name
  const field = catalog.field(kind.type, inner.replace(/^loc:/, ''))
  const title = field === undefined ? words.t('filter.condition') : inLanguage(field.display_name, words.language)
  const said = field === undefined ? '' : valuesOf(search, name).map((value) => labelOf(catalog, field, value, words.language)).join(', ')
  return (
    <button type="button" className="chip" onClick={onGone}>
      <span className="soft">{title}{said !== '' && ':'}</span> {said !== '' && <bdi>{name.startsWith('not[') ? `≠ ${said}` : said}</bdi>}
      <Icon name="close" size={16} />
      <span className="only-read">{words.t('filter.remove')}</span>
    </button>
  )
}
