import { useQuery } from '@tanstack/react-query'
import { lookupsQuery } from '~/api/queries'
import type { Field } from '~/api/schemas'
import { inLanguage } from '~/records/catalog'
import { Icon } from '~/ui/Icon'
import { type Pick, Line as TextLine, One } from '../fields'
import { useAdminWords } from '../words'
import { type Comparator, type Line, linesOf, treeOf } from './conditions'
import type { Part } from './model'

interface Props {
  tree: unknown
  /** Fields that may be asked. */
  fields: readonly (Field | Part)[]
  onChange: (tree: Record<string, unknown> | null) => void
}

const COMPARATORS: Comparator[] = ['eq', 'not', 'gt', 'ge', 'lt', 'le']

/** When something is shown: lines of field, comparison and value. */
export function Conditions({ tree, fields, onChange }: Props) {
  const { t } = useAdminWords()
  const read = linesOf(tree)
  const typeOf = (name: string) => fields.find((one) => one.name === name)?.type
  if (read === null) return <div className="note small"><p>{t('skip.complex')}</p><button type="button" className="button" onClick={() => onChange(null)}>{t('skip.clear')}</button></div>
  const set = (lines: Line[], join = read.join) => onChange(treeOf({ join, lines }, typeOf))
  const first = fields[0]?.name
  return (
    <div className="stack-tight">
      {read.lines.length > 1 && <One label={t('skip.join')} pointer="" value={read.join} onChange={(join) => set(read.lines, join as 'and' | 'or')} options={[{ id: 'and', name: t('skip.all') }, { id: 'or', name: t('skip.any') }]} />}
      {read.lines.map((line, at) => <Row key={at} line={line} fields={fields} onChange={(next) => set(read.lines.map((one, place) => (place === at ? next : one)))} onRemove={() => set(read.lines.filter((_, place) => place !== at))} />)}
      {read.lines.length === 0 && <p className="small soft">{t('skip.always')}</p>}
      {first !== undefined && <div><button type="button" className="button" onClick={() => set([...read.lines, { field: first, is: 'eq', value: '' }])}>{t('skip.add')}</button></div>}
    </div>
  )
}

function Row({ line, fields, onChange, onRemove }: { line: Line; fields: Props['fields']; onChange: (line: Line) => void; onRemove: () => void }) {
  const { t, language } = useAdminWords()
  const values = useValues(fields.find((one) => one.name === line.field))
  return (
    <div className="option-head">
      <One label={t('forms.field')} pointer="" value={line.field} onChange={(field) => onChange({ ...line, field, value: '' })} options={fields.map((one) => ({ id: one.name, name: inLanguage(one.display_name, language) || one.name }))} />
      <One label={t('skip.is')} pointer="" value={line.is} onChange={(is) => onChange({ ...line, is: is as Comparator })} options={COMPARATORS.map((id) => ({ id, name: t(`compare.${id}`) }))} />
      {values.length > 0
        ? <One label={t('skip.value')} pointer="" none={t('choose.none')} value={line.value} onChange={(value) => onChange({ ...line, value })} options={values} />
        : <TextLine label={t('skip.value')} pointer="" value={line.value} onChange={(value) => onChange({ ...line, value })} />}
      <button type="button" className="button button-icon button-plain" aria-label={t('admin.remove')} onClick={onRemove}><Icon name="close" /></button>
    </div>
  )
}

function useValues(field: Field | Part | undefined): Pick[] {
  const { t, language } = useAdminWords()
  const lookups = useQuery(lookupsQuery)
  if (field === undefined) return []
  if (field.type === 'tick_box') return [{ id: 'true', name: t('value.yes') }, { id: 'false', name: t('value.no') }]
  const [kind, id] = (field.option_strings_source ?? '').split(' ')
  const values = kind === 'lookup' ? lookups.data?.find((one) => one.unique_id === id)?.values : field.option_strings_text
  return (values ?? []).map((one) => ({ id: one.id, name: inLanguage(one.display_text, language) || one.id }))
}
