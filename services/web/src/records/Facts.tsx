import type { Field } from '~/api/schemas'
import { useWords } from '~/i18n'
import { inLanguage, visibleFields } from './catalog'
import { shows } from './expressions'
import { useCatalog } from './useCatalog'
import { type Entry, FILE_KINDS, entriesOf, inWords, isBlank } from './values'

interface Props {
  fields: Field[]
  data: Record<string, unknown>
  /** The record around an entry. */
  around?: Record<string, unknown>
  showEmpty: boolean
}

/** Whether a field is read at all: visible, not hidden for reading, and shown by skip logic. */
export function isRead(field: Field, data: Record<string, unknown>, around?: Record<string, unknown>): boolean {
  if (field.hide_on_view_page === true || field.type === 'custom') return false
  const record = around ?? data
  return shows(field.display_conditions_record, record) && (around === undefined || shows(field.display_conditions_subform, data))
}

/** Fields and their values to be read; subforms as entries below. */
export function Facts({ fields, data, around, showEmpty }: Props) {
  const read = fields.filter((field) => isRead(field, data, around))
  const plain = read.filter((field) => field.type !== 'subform' && (showEmpty || field.type === 'separator' || !isBlank(data[field.name])))
  const subforms = read.filter((field) => field.type === 'subform' && (showEmpty || entriesOf(data[field.name]).length > 0))
  return (
    <div className="stack">
      {plain.length > 0 && <dl className="facts">{plain.map((field) => <Fact key={field.name} field={field} value={data[field.name]} />)}</dl>}
      {subforms.map((field) => <Entries key={field.name} field={field} data={data} showEmpty={showEmpty} />)}
    </div>
  )
}

function Fact({ field, value }: { field: Field; value: unknown }) {
  const words = useWords()
  const catalog = useCatalog()
  const name = inLanguage(field.display_name, words.language)
  if (field.type === 'separator') return <div className="fact-wide"><dt className="only-read">{name}</dt><dd><strong>{name}</strong></dd></div>
  const said = FILE_KINDS.has(field.type) ? fileWords(value, words.t) : inWords(catalog, field, value, words)
  return (
    <div className={field.type === 'textarea' ? 'fact fact-wide' : 'fact'}>
      <dt>{name}</dt>
      <dd>{said === '' ? <span className="soft">{words.t('value.none')}</span> : <bdi className={isNumberLike(field) ? 'number' : undefined}>{field.hidden_text_field === true ? '•••••' : said}</bdi>}</dd>
    </div>
  )
}

const isNumberLike = (field: Field) => field.phone_number === true

function fileWords(value: unknown, t: ReturnType<typeof useWords>['t']): string {
  const files = Array.isArray(value) ? value : isBlank(value) ? [] : [value]
  return files.length === 0 ? '' : t('value.files', { count: files.length })
}

function Entries({ field, data, showEmpty }: { field: Field; data: Record<string, unknown>; showEmpty: boolean }) {
  const words = useWords()
  const catalog = useCatalog()
  const form = catalog.subform(field)
  const name = inLanguage(field.display_name, words.language)
  const groups = grouped(field, entriesOf(data[field.name]))
  if (form === undefined) return null
  const inner = visibleFields(form)
  const collapsed = collapsedFields(form.collapsed_field_names, inner)
  return (
    <section className="entries" aria-label={name}>
      <h3>{name}</h3>
      {groups.length === 0 && <p className="soft">{words.t('value.none')}</p>}
      {groups.map(([group, entries]) => (
        <div key={group} className="entries">
          {group !== '' && <p className="entry-group">{groupWords(catalog, inner, field, group, words)}</p>}
          {entries.map((entry, at) => (
            <details key={entry.unique_id ?? at} className="entry">
              <summary><bdi>{entryTitle(catalog, collapsed, entry, words) || name}</bdi></summary>
              <div className="entry-body"><Facts fields={inner} data={entry} around={data} showEmpty={showEmpty} /></div>
            </details>
          ))}
        </div>
      ))}
    </section>
  )
}

interface Configuration {
  subform_sort_by?: string
  subform_sort_by_direction?: string
  subform_group_by?: string
  fields?: string[]
}

const configurationOf = (field: Field) => (field.subform_section_configuration ?? {}) as Configuration

export function collapsedFields(names: string[] | null | undefined, fields: Field[]): Field[] {
  const chosen = (names ?? []).flatMap((name) => fields.find((field) => field.name === name) ?? [])
  return chosen.length > 0 ? chosen : fields.slice(0, 1)
}

/** An entry in one line: its collapsed fields. */
export function entryTitle(catalog: ReturnType<typeof useCatalog>, fields: Field[], entry: Entry, words: ReturnType<typeof useWords>): string {
  return fields.map((field) => inWords(catalog, field, entry[field.name], words)).filter((one) => one !== '').join(' · ')
}

/** Entries in the order and groups that the field asks for. */
export function grouped(field: Field, entries: Entry[]): [string, Entry[]][] {
  const { subform_sort_by: by, subform_sort_by_direction: direction, subform_group_by: group } = configurationOf(field)
  const turn = direction === 'desc' ? -1 : 1
  const sorted = by ? [...entries].sort((one, other) => turn * compareValues(one[by], other[by])) : entries
  if (!group) return sorted.length === 0 ? [] : [['', sorted]]
  const groups = new Map<string, Entry[]>()
  for (const entry of sorted) {
    const name = String(entry[group] ?? '')
    groups.set(name, [...(groups.get(name) ?? []), entry])
  }
  return [...groups]
}

function compareValues(one: unknown, other: unknown): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return String(one ?? '').localeCompare(String(other ?? ''), undefined, { numeric: true })
}

export function groupWords(catalog: ReturnType<typeof useCatalog>, inner: Field[], field: Field, group: string, words: ReturnType<typeof useWords>): string {
  const by = inner.find((one) => one.name === configurationOf(field).subform_group_by)
  return by === undefined ? group : inWords(catalog, by, group, words)
}
