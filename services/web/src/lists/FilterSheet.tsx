import { useState } from 'react'
import type { Filter } from '~/api/schemas'
import type { Kind } from '~/records/kinds'
import { useWords } from '~/i18n'
import { useCatalog } from '~/records/useCatalog'
import { Dialog } from '~/ui/Dialog'
import { type FilterChoice, filterChoices, filterTitle } from './filter-options'
import { type ListSearch, valuesOf, withValues } from './list-search'

interface Props {
  kind: Kind
  filters: Filter[]
  search: ListSearch
  onChange: (next: ListSearch) => void
  onClose: () => void
}

/** All filters of the role; each counts as soon as it is touched. */
export function FilterSheet({ kind, filters, search, onChange, onClose }: Props) {
  const { t } = useWords()
  const foot = (
    <>
      <button type="button" className="button" onClick={() => onChange(search.find === undefined ? {} : { find: search.find })}>{t('filter.clear')}</button>
      <button type="button" className="button button-main" onClick={onClose}>{t('filter.done')}</button>
    </>
  )
  return (
    <Dialog title={t('filter.open')} onClose={onClose} foot={foot} phone="full">
      {filters.map((filter) => (
        <Part key={filter.field_name} kind={kind} filter={filter} search={search} onChange={onChange} />
      ))}
    </Dialog>
  )
}

function Part({ kind, filter, search, onChange }: Omit<Props, 'filters' | 'onClose'> & { filter: Filter }) {
  const words = useWords()
  const catalog = useCatalog()
  const chosen = valuesOf(search, filter.field_name)
  const choices = filterChoices(catalog, filter, words.language)
  const title = filterTitle(kind, filter, words, catalog)
  if (filter.type === 'dates') return <DatePart title={title} choices={choices} chosen={chosen} onChoose={(values) => onChange(withValues(search, filter.field_name, values))} />
  if (choices.length === 0) return null
  const toggle = (id: string) =>
    onChange(withValues(search, filter.field_name, chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]))
  return (
    <details className="filter-part" open={chosen.length > 0}>
      <summary>{title}{chosen.length > 0 && <span className="mark mark-accent">{words.number(chosen.length)}</span>}</summary>
      <fieldset className="field">
        <legend className="only-read">{title}</legend>
        {choices.length > 12 && <LongList choices={choices} chosen={chosen} toggle={toggle} title={title} />}
        {choices.length <= 12 && choices.map((choice) => <Tick key={choice.id} choice={choice} chosen={chosen} toggle={toggle} />)}
      </fieldset>
    </details>
  )
}

function Tick({ choice, chosen, toggle }: { choice: FilterChoice; chosen: string[]; toggle: (id: string) => void }) {
  return (
    <label className="choice">
      <input type="checkbox" checked={chosen.includes(choice.id)} onChange={() => toggle(choice.id)} />
      <bdi>{choice.label}</bdi>
    </label>
  )
}

const SHOWN = 30

/** Places and other long lists are found by typing. */
function LongList({ choices, chosen, toggle, title }: { choices: FilterChoice[]; chosen: string[]; toggle: (id: string) => void; title: string }) {
  const { t } = useWords()
  const [typed, setTyped] = useState('')
  const wanted = typed.trim().toLowerCase()
  const found = choices.filter((choice) => chosen.includes(choice.id) || choice.label.toLowerCase().includes(wanted))
  return (
    <>
      <input className="input" type="search" autoComplete="off" dir="auto" aria-label={`${title}: ${t('choose.search')}`} placeholder={t('choose.search')} value={typed} onChange={(event) => setTyped(event.target.value)} />
      {found.slice(0, SHOWN).map((choice) => <Tick key={choice.id} choice={choice} chosen={chosen} toggle={toggle} />)}
      {found.length > SHOWN && <p className="small soft">{t('choose.more', { count: found.length - SHOWN })}</p>}
    </>
  )
}

function DatePart({ title, choices, chosen, onChoose }: { title: string; choices: FilterChoice[]; chosen: string[]; onChoose: (values: string[]) => void }) {
  const { t } = useWords()
  const [field = '', from = '', to = ''] = chosen
  const choose = (next: string[]) => onChoose(next[0] === '' ? [] : next)
  return (
    <details className="filter-part" open={chosen.length > 0}>
      <summary>{title}</summary>
      <div className="stack-tight">
        <select className="input" aria-label={title} value={field} onChange={(event) => choose([event.target.value, from, to])}>
          <option value="">{t('filter.any_date')}</option>
          {choices.map((choice) => <option key={choice.id} value={choice.id}>{choice.label}</option>)}
        </select>
        <div className="date-range">
          <label className="field"><span className="label">{t('filter.from')}</span>
            <input className="input" type="date" value={from} disabled={field === ''} onChange={(event) => choose([field, event.target.value, to])} /></label>
          <label className="field"><span className="label">{t('filter.to')}</span>
            <input className="input" type="date" value={to} disabled={field === ''} onChange={(event) => choose([field, from, event.target.value])} /></label>
        </div>
      </div>
    </details>
  )
}
