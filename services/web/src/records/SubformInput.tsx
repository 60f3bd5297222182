import { useEffect, useMemo, useRef, useState } from 'react'
import type { Field, Form } from '~/api/schemas'
import { useWords } from '~/i18n'
import { Dialog } from '~/ui/Dialog'
import { Icon } from '~/ui/Icon'
import { visibleFields } from './catalog'
import { Editing, newEntry } from './editing'
import { FieldInput } from './FieldInput'
import { collapsedFields, entryTitle, groupWords, grouped } from './Facts'
import { same } from './expressions'
import { useCatalog } from './useCatalog'
import { useValue } from './useEditing'
import { type Entry, entriesOf } from './values'

interface Props {
  field: Field
  editing: Editing
  id: string
  name: string
  readOnly: boolean
  fault: string | null
}

/** Entries as cards; one at a time is open to be written. */
export function SubformInput({ field, editing, id, name, readOnly, fault }: Props) {
  const words = useWords()
  const catalog = useCatalog()
  const value = useValue(editing, field.name)
  const form = catalog.subform(field)
  const [open, setOpen] = useState<string | null>(null)
  const [removing, setRemoving] = useState<Entry | null>(null)
  const initial = useRef(new Set(entriesOf(value).map((entry) => entry.unique_id)))
  const inner = useMemo(() => (form === undefined ? [] : visibleFields(form)), [form])
  if (form === undefined) return null
  const entries = entriesOf(value)
  const titled = collapsedFields(form.collapsed_field_names, inner)
  const put = (next: Entry[]) => editing.set(field.name, next)
  const isFixed = (entry: Entry) => form.subform_append_only === true && initial.current.has(entry.unique_id)
  const mayGo = (entry: Entry) => !isFixed(entry) && !(form.subform_prevent_item_removal === true && initial.current.has(entry.unique_id))
  const add = () => {
    const entry = newEntry(form)
    put([...entriesOf(editing.get(field.name)), entry])
    setOpen(entry.unique_id ?? null)
  }
  return (
    <section className="entries" id={`${id}-field`} aria-label={name}>
      <h3>{name}{field.required === true && <span className="soft"> ({words.t('field.required')})</span>}</h3>
      {fault !== null && <p className="fault note note-danger">{fault}</p>}
      {entries.length === 0 && <p className="soft small">{words.t('subform.none')}</p>}
      {grouped(field, entries).map(([group, members]) => (
        <div key={group} className="entries">
          {group !== '' && <p className="entry-group">{groupWords(catalog, inner, field, group, words)}</p>}
          {members.map((entry) => (
            <EntryCard key={entry.unique_id} entry={entry} title={entryTitle(catalog, titled, entry, words) || words.t('subform.new_entry')} form={form} fields={inner} field={field} editing={editing} id={id} isOpen={open === entry.unique_id} onOpen={() => setOpen(open === entry.unique_id ? null : (entry.unique_id ?? null))} readOnly={readOnly || isFixed(entry)} {...(!readOnly && mayGo(entry) && { onRemove: () => setRemoving(entry) })} />
          ))}
        </div>
      ))}
      {!readOnly && <div><button type="button" className="button" onClick={add}><Icon name="add" /> {words.t('subform.add')}<span className="only-read">: {name}</span></button></div>}
      {removing !== null && (
        <Dialog
          title={words.t('subform.remove_title')}
          onClose={() => setRemoving(null)}
          foot={<>
            <button type="button" className="button" onClick={() => setRemoving(null)}>{words.t('ui.cancel')}</button>
            <button type="button" className="button button-danger" onClick={() => { put(entriesOf(editing.get(field.name)).filter((one) => one.unique_id !== removing.unique_id)); setRemoving(null) }}>{words.t('subform.remove')}</button>
          </>}
        >
          <p>{words.t('subform.remove_help')}</p>
          <p><strong><bdi>{entryTitle(catalog, titled, removing, words)}</bdi></strong></p>
        </Dialog>
      )}
    </section>
  )
}

interface CardProps {
  entry: Entry
  title: string
  form: Form
  fields: Field[]
  field: Field
  editing: Editing
  id: string
  isOpen: boolean
  onOpen: () => void
  onRemove?: () => void
  readOnly: boolean
}

function EntryCard({ entry, title, fields, field, editing, id, isOpen, onOpen, onRemove, readOnly }: CardProps) {
  const { t } = useWords()
  const faulty = editing.faults.some((fault) => fault.pointer.startsWith(`/${field.name}/`))
  const body = `${id}-${entry.unique_id}`
  return (
    <div className="entry">
      <div className="entry-head">
        <span className="grow"><bdi>{title}</bdi></span>
        {faulty && <span className="mark mark-danger">{t('record.look')}</span>}
        <button type="button" className="button button-plain" aria-expanded={isOpen} aria-controls={body} onClick={onOpen}>
          {t(isOpen ? 'subform.done' : readOnly ? 'subform.open' : 'subform.edit')}<span className="only-read">: {title}</span>
        </button>
        {onRemove !== undefined && (
          <button type="button" className="button button-plain button-icon" aria-label={`${t('subform.remove')}: ${title}`} onClick={onRemove}><Icon name="close" /></button>
        )}
      </div>
      {isOpen && <EntryFields entry={entry} fields={fields} field={field} editing={editing} id={body} readOnly={readOnly} />}
    </div>
  )
}

/** An entry is edited as a record of its own; each change goes into the record around it. */
function EntryFields({ entry, fields, field, editing, id, readOnly }: Pick<CardProps, 'entry' | 'fields' | 'field' | 'editing' | 'id' | 'readOnly'>) {
  const inner = useMemo(() => {
    const own = new Editing(entry, fields, editing)
    const mark = (pointer: string) => pointer.split('/').slice(3).join('/')
    const at = entriesOf(editing.get(field.name)).findIndex((one) => one.unique_id === entry.unique_id)
    const mine = editing.faults.filter((fault) => {
      const [, name, which] = fault.pointer.split('/')
      return name === field.name && (which === entry.unique_id || which === String(at))
    })
    own.refuse(mine.map((fault) => ({ ...fault, pointer: `/${mark(fault.pointer)}` })))
    return own
    // A new object of the same entry is what this editing itself has put there.
  }, [entry.unique_id, fields, editing, field.name])
  useEffect(
    () =>
      inner.listenAll(() => {
        const all = entriesOf(editing.get(field.name))
        const next = all.map((one) => (one.unique_id === entry.unique_id && !same(one, inner.values) ? (inner.values as Entry) : one))
        editing.set(field.name, next)
      }),
    [inner, editing, field.name, entry.unique_id],
  )
  return (
    <div className="entry-body" id={id}>
      {fields.map((one) => <FieldInput key={one.name} field={one} editing={inner} prefix={id} readOnly={readOnly} />)}
    </div>
  )
}
