import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Filter } from '~/api/schemas'
import type { Kind } from '~/records/kinds'
import { useWords } from '~/i18n'
import { useCatalog } from '~/records/useCatalog'
import { Dialog } from '~/ui/Dialog'
import { type FilterChoice, filterChoices, filterTitle } from './filter-options'
import { type Count, type Counts, countsQuery } from './counts'
import { type ListSearch, type SearchKind, valuesOf, withValues } from './list-search'

interface Props {
  kind: Kind
  filters: Filter[]
  search: ListSearch
  /** What the list took the typed words for, and how many it found. */
  by: SearchKind | null
  total: number | undefined
  onChange: (next: ListSearch) => void
  onClose: () => void
}

/** All filters of the role; each counts as soon as it is touched. */
export default function FilterSheet({ kind, filters, search, by, total, onChange, onClose }: Props) {
  const { t } = useWords()
  const foot = (
    <>
      <span className="foot-note small soft" role="status">{total !== undefined && t(`list.total.${kind.type}`, { count: total })}</span>
      <button type="button" className="button" onClick={() => onChange(search.find === undefined ? {} : { find: search.find })}>{t('filter.clear')}</button>
      <button type="button" className="button button-main" onClick={onClose}>{t('filter.done')}</button>
    </>
  )
  return (
    <Dialog title={t('filter.open')} onClose={onClose} foot={foot} phone="full">
      {filters.map((filter) => (
        <Part key={filter.field_name} kind={kind} filters={filters} filter={filter} search={search} by={by} onChange={onChange} />
      ))}
    </Dialog>
  )
}

type PartProps = Omit<Props, 'total' | 'onClose'> & { filter: Filter }

function Part({ kind, filters, filter, search, by, onChange }: PartProps) {
  const words = useWords()
  const catalog = useCatalog()
  const chosen = valuesOf(search, filter.field_name)
  const choices = filterChoices(catalog, filter, words)
  const title = filterTitle(kind, filter, words, catalog)
  const [open, setOpen] = useState(chosen.length > 0)
  if (filter.type === 'dates') return <DatePart title={title} choices={choices} chosen={chosen} onChoose={(values) => onChange(withValues(search, filter.field_name, values))} />
  if (choices.length === 0) return null
  const toggle = (id: string) =>
    onChange(withValues(search, filter.field_name, chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]))
  return (
    <details className="filter-part" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}{chosen.length > 0 && <span className="mark mark-accent">{words.number(chosen.length)}</span>}</summary>
      {open && (
        <fieldset className="field">
          <legend className="only-read">{title}</legend>
          {choices.length > SHORT && <LongList asked={{ kind, filters, filter, search, by }} choices={choices} chosen={chosen} toggle={toggle} title={title} />}
          {choices.length <= SHORT && <Ticks asked={{ kind, filters, filter, search, by }} choices={choices} chosen={chosen} toggle={toggle} />}
        </fieldset>
      )}
    </details>
  )
}

/** More options than these are found by typing. */
const SHORT = 12

interface TicksProps {
  asked: Pick<PartProps, 'kind' | 'filters' | 'filter' | 'search' | 'by'>
  choices: FilterChoice[]
  chosen: string[]
  toggle: (id: string) => void
}

/** Options with how many each would find. */
function Ticks({ asked, choices, chosen, toggle }: TicksProps) {
  const counts: Counts | undefined = useQuery(countsQuery({ ...asked, choices })).data
  return choices.map((choice) => <Tick key={choice.id} choice={choice} count={counts?.get(choice.id)} isOn={chosen.includes(choice.id)} onTurn={() => toggle(choice.id)} />)
}

function Tick({ choice, count, isOn, onTurn }: { choice: FilterChoice; count: Count | undefined; isOn: boolean; onTurn: () => void }) {
  const { number } = useWords()
  return (
    <label className="choice">
      <input type="checkbox" checked={isOn} onChange={onTurn} />
      <bdi className="grow">{choice.label}</bdi>
      {count !== undefined && <span className="small soft number">{number(count.count)}{count.more && '+'}</span>}
    </label>
  )
}

const SHOWN = 30

/** Places and other long lists are found by typing. */
function LongList({ asked, choices, chosen, toggle, title }: TicksProps & { title: string }) {
  const { t } = useWords()
  const [typed, setTyped] = useState('')
  const wanted = typed.trim().toLowerCase()
  const found = choices.filter((choice) => chosen.includes(choice.id) || choice.label.toLowerCase().includes(wanted))
  return (
    <>
      <input className="input" type="search" autoComplete="off" dir="auto" aria-label={`${title}: ${t('choose.search')}`} placeholder={t('choose.search')} value={typed} onChange={(event) => setTyped(event.target.value)} />
      <Ticks asked={asked} choices={found.slice(0, SHOWN)} chosen={chosen} toggle={toggle} />
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
