/** The options of a lookup, as a form and as a body. Pure. */
import type { FieldFault } from '~/api/problem'
import type { Lookup, Text } from '~/api/schemas'

export interface Value {
  id: string
  display_text: Text
  disabled: boolean
  /** Made here; its id may still change. */
  isNew: boolean
  /** What else the server keeps of it. */
  rest: Record<string, unknown>
}

export interface LookupForm {
  unique_id: string
  name: Text
  values: Value[]
}

export function lookupForm(lookup: Lookup | null): LookupForm {
  const values = (lookup?.values ?? []).map(({ id, display_text, disabled, ...rest }): Value => ({
    id, display_text: display_text != null && typeof display_text === 'object' ? { ...display_text } : {}, disabled: disabled === true, isNew: false, rest,
  }))
  return { unique_id: lookup?.unique_id ?? '', name: { ...lookup?.name }, values }
}

/** Letters and digits of the English text, as the server makes keys. */
export function keyOf(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '')
}

const bodyOf = ({ id, display_text, disabled, rest }: Value) => ({ ...rest, id, display_text, ...(disabled ? { disabled: true } : {}) })

/**
 * All options with their places, and marks for those that were taken away: the server merges by id
 * and takes the order from `_order`.
 */
export function valuesBody(before: Value[], after: Value[]): Record<string, unknown>[] {
  const gone = before.filter((one) => !after.some((other) => other.id === one.id))
  return [...after.map((one, at) => ({ ...bodyOf(one), _order: at })), ...gone.map((one) => ({ id: one.id, _delete: true }))]
}

export function lookupBody(before: LookupForm, after: LookupForm, isNew: boolean): Record<string, unknown> {
  if (isNew) return { name: after.name, values: after.values.map(bodyOf), ...(after.unique_id === '' ? {} : { unique_id: after.unique_id }) }
  const body: Record<string, unknown> = {}
  if (JSON.stringify(before.name) !== JSON.stringify(after.name)) body.name = after.name
  if (JSON.stringify(before.values) !== JSON.stringify(after.values)) body.values = valuesBody(before.values, after.values)
  return body
}

/** What the server would refuse, said where it stands here. */
export function lookupFaults(form: LookupForm, required: string, twice: string): FieldFault[] {
  const faults: FieldFault[] = []
  const empty = (text: Text) => (text.en ?? '').trim() === ''
  if (empty(form.name)) faults.push({ pointer: '/name/en', code: 'required', message: required })
  form.values.forEach((value, at) => {
    if (value.id === '') faults.push({ pointer: `/values/${at}/id`, code: 'required', message: required })
    else if (form.values.findIndex((one) => one.id === value.id) < at) faults.push({ pointer: `/values/${at}/id`, code: 'duplicate', message: twice })
    if (empty(value.display_text)) faults.push({ pointer: `/values/${at}/display_text/en`, code: 'required', message: required })
  })
  return faults
}
