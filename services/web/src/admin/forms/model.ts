/** A form while it is built: what is edited, which moves there are, and the body the API takes. Pure. */
import type { Field, Text } from '~/api/schemas'
import type { AdminForm } from '../api'
import { keyOf } from '../lookups/values'

/** A field as the server has it, or one that is new; all that is not shown is kept. */
type Known = { [Key in keyof Field as string extends Key ? never : Key]: Field[Key] }
export type Part = Omit<Known, 'id'> & { id?: number; isNew?: boolean }

export interface FormWork {
  unique_id: string
  name: Text
  description: Text
  help_text: Text
  parent_form: string
  module_ids: string[]
  form_group_id: string
  visible: boolean
  mobile_form: boolean
  is_nested: boolean
  order: number
  order_form_group: number
  display_conditions: unknown
  fields: Part[]
}

export function formWork(form: AdminForm | null): FormWork {
  const text = (value: Text | undefined) => ({ ...value })
  const fields = [...(form?.fields ?? [])].sort((one, other) => (one.order ?? 0) - (other.order ?? 0)).map(({ form_section_id: _of, ...field }) => ({ ...field }) as Part)
  return {
    unique_id: form?.unique_id ?? '', name: text(form?.name), description: text(form?.description), help_text: text(form?.help_text),
    parent_form: form?.parent_form ?? 'case', module_ids: form?.module_ids ?? [], form_group_id: form?.form_group_id ?? '', visible: form?.visible ?? true,
    mobile_form: form?.mobile_form ?? true, is_nested: form?.is_nested ?? false, order: form?.order ?? 100, order_form_group: form?.order_form_group ?? 100,
    display_conditions: form?.display_conditions ?? null, fields,
  }
}

/** Kinds that can be added here, with what makes them so. Files wait until the server takes them. */
export const KINDS: Record<string, Partial<Part>> = {
  text_field: {}, textarea: {}, numeric_field: {}, date_field: { date_include_time: false }, date_time: { type: 'date_field', date_include_time: true }, tick_box: {},
  select_box: {}, multi_select: { type: 'select_box', multi_select: true }, radio_button: {}, tally_field: { tally: [] }, phone: { type: 'text_field', phone_number: true },
  separator: {}, subform: {},
}

/** What a field is called in the list of kinds. */
export function kindOf(field: Pick<Part, 'type' | 'multi_select' | 'date_include_time' | 'phone_number'>): string {
  if (field.type === 'select_box' && field.multi_select === true) return 'multi_select'
  if (field.type === 'date_field' && field.date_include_time === true) return 'date_time'
  if (field.type === 'text_field' && field.phone_number === true) return 'phone'
  return field.type
}

export const offersOptions = (field: Pick<Part, 'type'>) => field.type === 'select_box' || field.type === 'radio_button'

/** A name that no other field has: records keep values by it, so that it never changes. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  const base = keyOf(wanted).replace(/^[0-9]+_*/, '') || 'field'
  if (!taken.has(base)) return base
  for (let count = 2; ; count += 1) if (!taken.has(`${base}_${count}`)) return `${base}_${count}`
}

export function newField(kind: string, label: string, taken: ReadonlySet<string>): Part {
  const own = { type: kind, ...KINDS[kind] }
  return { name: freeName(label, taken), display_name: { en: label }, visible: true, mobile_visible: true, required: false, isNew: true, ...own, type: own.type }
}

export const changedField = (work: FormWork, at: number, change: Partial<Part>): FormWork => ({ ...work, fields: work.fields.map((field, place) => (place === at ? { ...field, ...change } : field)) })

/** Options keep their given order by number, as in lookups. */
const ordered = (options: unknown) => (Array.isArray(options) ? options.map((one: object, at) => ({ ...one, _order: at })) : options)

function withGone(before: Part | undefined, after: Part): unknown {
  const had = Array.isArray(before?.option_strings_text) ? before.option_strings_text : []
  const has = Array.isArray(after.option_strings_text) ? after.option_strings_text : []
  const gone = had.filter((one) => !has.some((other) => other.id === one.id)).map((one) => ({ id: one.id, _delete: true }))
  return [...(ordered(has) as object[]), ...gone]
}

/** What a field's body says: `null` takes an optional property away. */
function fieldBody(field: Part, before: Part | undefined, at: number): Record<string, unknown> {
  const { isNew: _new, order: _order, id: _id, subform_section_id, ...rest } = field
  const cleared = Object.entries(before ?? {}).filter(([key, value]) => value != null && field[key as keyof Part] === undefined && key !== 'id' && key !== 'order').map(([key]) => key)
  const body: Record<string, unknown> = { ...rest, ...Object.fromEntries(cleared.map((key) => [key, null])), order: at }
  if (subform_section_id != null) body.subform_section_id = subform_section_id
  if (field.option_strings_text != null || before?.option_strings_text != null) body.option_strings_text = withGone(before, field)
  return body
}

/** Fields that are sent are the whole list: who is missing goes. */
export function formBody(before: FormWork, after: FormWork, isNew: boolean): Record<string, unknown> {
  const { fields, unique_id, display_conditions, form_group_id, ...rest } = after
  const old = new Map(before.fields.map((one) => [one.name, one]))
  const body: Record<string, unknown> = {}
  for (const [key, value] of Object.entries({ ...rest, form_group_id, display_conditions })) {
    if (isNew ? value !== null && value !== '' : JSON.stringify(value) !== JSON.stringify(before[key as keyof FormWork])) body[key] = value
  }
  if (isNew && unique_id !== '') body.unique_id = unique_id
  if (isNew || JSON.stringify(fields) !== JSON.stringify(before.fields)) body.fields = fields.map((field, at) => fieldBody(field, old.get(field.name), at))
  if (!isNew && 'parent_form' in body) delete body.parent_form
  return body
}
