import { useState } from 'react'
import { inLanguage } from '~/records/catalog'
import { Line, One, useFaultAt } from '../fields'
import { Moves } from '../Moves'
import { fieldTypeName } from '../roles/names'
import type { Work } from '../useWork'
import { useAdminWords } from '../words'
import { put } from '../work'
import { FieldEditor } from './FieldEditor'
import { type FormWork, KINDS, type Part, changedField, kindOf, newField } from './model'

interface Props {
  work: Work<FormWork>
  open: string | null
  onOpen: (name: string | null) => void
}

/** The fields in their order; one at a time is opened. */
export function FieldList({ work, open, onOpen }: Props) {
  const { t } = useAdminWords()
  const { value, base } = work
  return (
    <section className="stack-tight" aria-labelledby="fields">
      <h2 id="fields">{t('builder.fields')} ({value.fields.length})</h2>
      <ol className="stack-tight">
        {value.fields.map((field, at) => (
          <Row
            key={field.name} field={field} at={at} form={value} before={base.fields.find((one) => one.name === field.name)} open={open === field.name}
            onOpen={() => onOpen(open === field.name ? null : field.name)}
            onMove={(to) => work.set({ ...value, fields: put(value.fields, at, to) })}
            onRemove={() => work.set({ ...value, fields: value.fields.filter((one) => one !== field) })}
            onChange={(change, mark = '') => work.set(changedField(value, at, change), mark === '' ? '' : `${field.name}/${mark}`)}
          />
        ))}
      </ol>
      <Add fields={value.fields} onAdd={(field) => { work.set({ ...value, fields: [...value.fields, field] }); onOpen(field.name) }} />
    </section>
  )
}

interface RowProps {
  field: Part
  at: number
  form: FormWork
  before: Part | undefined
  open: boolean
  onOpen: () => void
  onMove: (to: number) => void
  onRemove: () => void
  onChange: (change: Partial<Part>, mark?: string) => void
}

function Row({ field, at, form, before, open, onOpen, onMove, onRemove, onChange }: RowProps) {
  const words = useAdminWords()
  const { t, language } = words
  const label = inLanguage(field.display_name, language) || field.name
  const fault = useFaultAt(`/fields/${at}/name`)
  return (
    <li data-pointer={`/fields/${at}`}>
      <div className="builder-row" data-open={open}>
        <button type="button" className="pick" aria-expanded={open} onClick={onOpen}>
          <bdi>{label}</bdi>{field.required === true && <span className="soft"> ({t('field.required')})</span>}
          <br /><span className="small soft">{fieldTypeName(words, kindOf(field))} · <span dir="ltr">{field.name}</span></span>
        </button>
        {field.isNew === true && <span className="mark mark-success">{t('builder.new_mark')}</span>}
        {field.visible === false && <span className="mark">{t('builder.hidden')}</span>}
        <Moves name={label} at={at} count={form.fields.length} onMove={onMove} onRemove={onRemove} />
      </div>
      {fault !== null && <p className="field"><span className="fault">{fault}</span></p>}
      {open && <FieldEditor field={field} at={at} form={form} before={before} onChange={onChange} />}
    </li>
  )
}

function Add({ fields, onAdd }: { fields: Part[]; onAdd: (field: Part) => void }) {
  const words = useAdminWords()
  const { t } = words
  const [label, setLabel] = useState('')
  const [kind, setKind] = useState('text_field')
  const add = () => {
    if (label.trim() === '') return
    onAdd(newField(kind, label.trim(), new Set(fields.map((one) => one.name))))
    setLabel('')
  }
  return (
    <div className="option-row">
      <h3>{t('builder.add')}</h3>
      <div className="option-head">
        <Line label={t('builder.new_label')} pointer="" value={label} onChange={setLabel} />
        <One label={t('forms.kind')} pointer="" value={kind} onChange={setKind} options={Object.keys(KINDS).map((id) => ({ id, name: fieldTypeName(words, id) }))} />
        <button type="button" className="button" aria-disabled={label.trim() === ''} onClick={add}>{t('builder.add')}</button>
      </div>
    </div>
  )
}
