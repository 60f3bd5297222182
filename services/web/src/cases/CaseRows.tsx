import { Link } from '@tanstack/react-router'
import type { CSSProperties, RefObject } from 'react'
import { type TextKey, useWords } from '~/i18n'
import { labelOf, shortPlaceName } from '~/records/options'
import type { Catalog } from '~/records/catalog'
import { useCatalog } from '~/records/useCatalog'
import { useSession } from '~/session/session'
import { CaseMarks } from './CaseMarks'
import type { ListSearch } from './list-search'
import type { CaseRow } from './queries'

interface Props {
  rows: CaseRow[]
  hidden: boolean
  frame: RefObject<HTMLUListElement | null>
  dimmed: boolean
  search: ListSearch
  onSort: (next: ListSearch) => void
  /** Without the heading that sorts. */
  plain?: boolean
}

/** Columns beside the name that a desk has room for, where the role sees them. */
const COLUMNS = ['age', 'location_current', 'owned_by', 'registration_date'] as const

export function CaseRows({ rows, hidden, frame, dimmed, search, onSort, plain = false }: Props) {
  const { t } = useWords()
  const { user } = useSession()
  const headers = user.list_headers?.cases ?? []
  const columns = COLUMNS.filter((column) => headers.some((header) => header.field_name === column))
  return (
    <div className={dimmed ? 'rows rows-dimmed' : 'rows'} style={{ '--columns': columns.length } as CSSProperties}>
      {!plain && <div className="rows-head">
        <SortButton field="name" text={t('column.name')} search={search} onSort={onSort} />
        {columns.map((column) => (
          <SortButton key={column} field={column} text={t(`column.${column}`)} search={search} onSort={onSort} />
        ))}
        <span>{t('column.state')}</span>
      </div>}
      <ul ref={frame}>
        {rows.map((row) => (
          <li key={row.id}>
            <Row row={row} hidden={hidden} columns={columns} />
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

function Row({ row, hidden, columns }: { row: CaseRow; hidden: boolean; columns: readonly (typeof COLUMNS)[number][] }) {
  const words = useWords()
  const catalog = useCatalog()
  const code = String(row.case_id_display ?? row.short_id ?? '')
  const name = hidden || row.name == null ? '' : String(row.name)
  const about = [ageAndSex(row, catalog, words), word(catalog, 'risk_level', row.risk_level, words.language)].filter((one) => one !== '')
  return (
    <Link to="/cases/$id" params={{ id: row.id }} className="row-link" preload={false}>
      <span className="row-who">
        <bdi className="row-name">{name === '' ? <span className="number">{code}</span> : name}</bdi>
        {name !== '' && <span className="number tiny soft">{code}</span>}
        <Reasons row={row} />
      </span>
      <span className="row-about small soft">{about.join(' · ')}</span>
      {columns.map((column) => (
        <span key={column} className="row-cell small">{cell(column, row, catalog, words)}</span>
      ))}
      <CaseMarks row={row} />
    </Link>
  )
}

type Words = ReturnType<typeof useWords>

function ageAndSex(row: CaseRow, catalog: Catalog, words: Words): string {
  const age = typeof row.age === 'number' ? words.t('case.years', { count: row.age }) : ''
  return [age, word(catalog, 'sex', row.sex, words.language)].filter((one) => one !== '').join(', ')
}

function word(catalog: Catalog, name: string, value: unknown, language: string): string {
  const field = catalog.field('case', name)
  if (value === null || value === undefined) return ''
  return field === undefined ? String(value) : labelOf(catalog, field, String(value), language)
}

function cell(column: (typeof COLUMNS)[number], row: CaseRow, catalog: Catalog, words: Words): string {
  const value = row[column]
  if (value === null || value === undefined) return ''
  if (column === 'age') return ageAndSex(row, catalog, words)
  if (column === 'location_current') return shortPlaceName(catalog, String(value), words.language)
  if (column === 'registration_date') return words.date(String(value))
  return word(catalog, column, value, words.language)
}

/** Why a search found this row. */
function Reasons({ row }: { row: CaseRow }) {
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
