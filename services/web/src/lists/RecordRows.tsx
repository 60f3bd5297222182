import { Link } from '@tanstack/react-router'
import { type CSSProperties, Fragment, type RefObject } from 'react'
import { type TextKey, useWords } from '~/i18n'
import { codeOf, type Kind, titleField } from '~/records/kinds'
import { labelOf, shortPlaceName, sourceOf } from '~/records/options'
import type { Catalog } from '~/records/catalog'
import { useCatalog } from '~/records/useCatalog'
import { fieldName, inWords } from '~/records/values'
import { useSession } from '~/session/session'
import { RecordMarks } from './RecordMarks'
import type { Selection } from './useSelection'
import type { ListSearch } from './list-search'
import type { ListRow } from './queries'

interface Props {
  kind: Kind
  rows: ListRow[]
  hidden: boolean
  frame: RefObject<HTMLUListElement | null>
  dimmed: boolean
  search: ListSearch
  onSort: (next: ListSearch) => void
  /** Rows can be chosen. */
  selection?: Selection
}

/** Rows of a type, with the columns that a desk has room for and the role sees. */
export function RecordRows({ kind, rows, hidden, frame, dimmed, search, onSort, selection }: Props) {
  const words = useWords()
  const { t } = words
  const catalog = useCatalog()
  const { user } = useSession()
  const headers = user.list_headers?.[kind.place] ?? []
  const columns = kind.columns.filter((column) => headers.some((header) => header.field_name === column))
  return (
    <div className={dimmed ? 'rows rows-dimmed' : 'rows'} style={{ '--columns': columns.length } as CSSProperties}>
      <div className="rows-head">
        <SortButton field={kind.title[0] ?? 'short_id'} text={t(`column.title.${kind.type}`)} search={search} onSort={onSort} />
        {columns.map((column) => (
          <SortButton key={column} field={column} text={columnName(column, kind, catalog, words)} search={search} onSort={onSort} />
        ))}
        <span>{t('column.state')}</span>
      </div>
      <ul ref={frame}>
        {rows.map((row) => (
          <li key={row.id} data-id={row.id} className={selection?.chosen == null ? undefined : 'row-chosen'}>
            {selection?.chosen != null && <Tick name={codeOf(kind, row)} isOn={selection.chosen.has(row.id)} onTurn={() => selection.toggle(row.id)} />}
            <Row kind={kind} row={row} hidden={hidden && kind.namesPeople} columns={columns} />
          </li>
        ))}
      </ul>
    </div>
  )
}

function SortButton({ field, text, search, onSort }: { field: string; text: string; search: ListSearch; onSort: (next: ListSearch) => void }) {
  const { t } = useWords()
  const now = search.sort ?? '-created_at'
  const state = now === field ? 'up' : now === `-${field}` ? 'down' : 'none'
  return (
    <button type="button" className="sort" aria-pressed={state !== 'none'} onClick={() => onSort({ ...search, sort: state === 'up' ? `-${field}` : field })}>
      {text}
      {state !== 'none' && <span aria-label={t(state === 'up' ? 'list.ascending' : 'list.descending')} role="img">{state === 'up' ? ' ↑' : ' ↓'}</span>}
    </button>
  )
}

function Tick({ name, isOn, onTurn }: { name: string; isOn: boolean; onTurn: () => void }) {
  const { t } = useWords()
  return <label className="choice row-tick"><input type="checkbox" checked={isOn} onChange={onTurn} aria-label={t('select.row', { name })} /></label>
}

function Row({ kind, row, hidden, columns }: { kind: Kind; row: ListRow; hidden: boolean; columns: readonly string[] }) {
  const words = useWords()
  const catalog = useCatalog()
  const code = codeOf(kind, row)
  const title = titleField(kind, row)
  const name = hidden || title === undefined ? '' : cell(title, row, kind, catalog, words)
  const about = kind.about.map((field) => cell(field, row, kind, catalog, words)).filter((one) => one !== '')
  return (
    <Link to="/$place/$id" params={{ place: kind.place, id: row.id }} className="row-link" preload={false}>
      <span className="row-who">
        <bdi className="row-name">{name === '' ? <span className="number">{code}</span> : name}</bdi>
        {name !== '' && <span className="number tiny soft">{code}</span>}
        <Reasons row={row} />
      </span>
      <span className="row-about small soft">{about.map((one, at) => <Fragment key={at}>{at > 0 && ' · '}<bdi>{one}</bdi></Fragment>)}</span>
      {columns.map((column) => (
        <span key={column} className="row-cell small"><bdi>{cell(column, row, kind, catalog, words)}</bdi></span>
      ))}
      <RecordMarks row={row} />
    </Link>
  )
}

type Words = ReturnType<typeof useWords>

function ageAndSex(row: ListRow, catalog: Catalog, words: Words): string {
  const age = typeof row.age === 'number' ? words.t('case.years', { count: row.age }) : ''
  const sex = catalog.field('case', 'sex')
  const said = row.sex == null || sex === undefined ? '' : labelOf(catalog, sex, String(row.sex), words.language)
  return [age, said].filter((one) => one !== '').join(', ')
}

const COLUMN_NAMES = {
  age: 'column.age', location_current: 'column.location_current', owned_by: 'column.owned_by', registration_date: 'column.registration_date',
  incident_date_derived: 'column.incident_date', tracing_names: 'column.tracing_names',
} satisfies Record<string, TextKey>

const columnName = (column: string, kind: Kind, catalog: Catalog, words: Words): string =>
  column in COLUMN_NAMES ? words.t(COLUMN_NAMES[column as keyof typeof COLUMN_NAMES]) : fieldName(catalog, kind.type, column, words)

function cell(column: string, row: ListRow, kind: Kind, catalog: Catalog, words: Words): string {
  const value = row[column]
  if (value === null || value === undefined) return ''
  if (column === 'age') return ageAndSex(row, catalog, words)
  const field = catalog.field(kind.type, column)
  if (field !== undefined && sourceOf(field) === 'place') return shortPlaceName(catalog, String(value), words.language)
  if (field !== undefined) return inWords(catalog, field, value, words)
  return /^\d{4}-\d{2}-\d{2}/.test(String(value)) ? words.date(String(value)) : String(value)
}

/** Why a search found this row. */
function Reasons({ row }: { row: ListRow }) {
  const { t } = useWords()
  const reasons = [...new Set((row.matched_on ?? []).map((one) => one.reason))]
  const known = reasons.filter((reason): reason is Reason => reason in REASONS)
  if (known.length === 0) return null
  return <span className="tiny row-reason">{known.map((reason) => t(REASONS[reason])).join(' · ')}</span>
}

const REASONS = {
  same_spelling: 'reason.same_spelling',
  same_sound_other_script: 'reason.same_sound_other_script',
  same_sound: 'reason.same_sound',
  near_spelling: 'reason.near_spelling',
  known_variant: 'reason.known_variant',
  nickname_part: 'reason.nickname_part',
  same_identifier: 'reason.same_identifier',
  identifier_part: 'reason.identifier_part',
} satisfies Record<string, TextKey>
type Reason = keyof typeof REASONS
