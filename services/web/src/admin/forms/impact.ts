/** What publishing a form would do: to its fields, to what is recorded, and to whom. Pure. */
import type { AdminForm, Role } from '../api'
import type { FormWork, Part } from './model'

export interface FieldChange {
  name: string
  label: string
  /** Properties that differ. */
  what: string[]
}

export interface Impact {
  created: Part[]
  removed: Part[]
  hidden: Part[]
  shown: Part[]
  required: Part[]
  changed: FieldChange[]
  moved: boolean
  form: string[]
  /** Options that are taken away or no longer offered; records that have them keep their value. */
  options: { field: string; gone: string[] }[]
  /** Fields elsewhere that hang on one that goes. */
  broken: { form: string; field: string; on: string }[]
  /** Whether somebody may lose sight of what is recorded. */
  takes: boolean
}

const SAID = new Set(['id', 'isNew', 'order', 'name', 'visible'])
const english = (field: Part) => field.display_name?.en || field.name
const differs = (one: unknown, other: unknown) => JSON.stringify(one ?? null) !== JSON.stringify(other ?? null)

export function impactOf(before: FormWork, after: FormWork, others: readonly AdminForm[]): Impact {
  const had = new Map(before.fields.map((one) => [one.name, one]))
  const has = new Map(after.fields.map((one) => [one.name, one]))
  const both = after.fields.flatMap((field) => {
    const old = had.get(field.name)
    return old === undefined ? [] : [{ old, field }]
  })
  const created = after.fields.filter((one) => !had.has(one.name))
  const removed = before.fields.filter((one) => !has.has(one.name))
  const hidden = both.filter(({ old, field }) => old.visible !== false && field.visible === false).map(({ field }) => field)
  const changed = both.flatMap(({ old, field }): FieldChange[] => {
    const keys = [...new Set([...Object.keys(old), ...Object.keys(field)])].filter((key) => !SAID.has(key) && differs(old[key as keyof Part], field[key as keyof Part]))
    return keys.length === 0 ? [] : [{ name: field.name, label: english(field), what: keys }]
  })
  const kept = before.fields.filter((one) => has.has(one.name)).map((one) => one.name)
  const options = both.flatMap(({ old, field }) => {
    const gone = (old.option_strings_text ?? []).filter((one) => !(field.option_strings_text ?? []).some((other) => other.id === one.id && other.disabled !== true)).map((one) => one.id)
    return gone.length === 0 || JSON.stringify(old.option_strings_text) === JSON.stringify(field.option_strings_text) ? [] : [{ field: english(field), gone }]
  })
  const form = (Object.keys(after) as (keyof FormWork)[]).filter((key) => key !== 'fields' && differs(before[key], after[key]))
  return {
    created, removed, hidden, changed, options, form,
    shown: both.filter(({ old, field }) => old.visible === false && field.visible !== false).map(({ field }) => field),
    required: both.filter(({ old, field }) => old.required !== true && field.required === true).map(({ field }) => field),
    moved: kept.join() !== after.fields.filter((one) => had.has(one.name)).map((one) => one.name).join(),
    broken: removed.flatMap((field) => dependants(field.name, after, others)),
    takes: removed.length > 0 || hidden.length > 0 || (before.visible && !after.visible),
  }
}

/** Fields whose conditions or sums name one that goes. */
function dependants(name: string, after: FormWork, others: readonly AdminForm[]): { form: string; field: string; on: string }[] {
  const names = (field: object) => ['display_conditions_record', 'display_conditions_subform', 'calculation', 'option_strings_condition'].some((key) => JSON.stringify((field as Record<string, unknown>)[key] ?? null).includes(`"${name}"`))
  const own = after.fields.filter(names).map((field) => ({ form: after.name.en ?? '', field: english(field), on: name }))
  const foreign = others
    .filter((form) => form.parent_form === after.parent_form && form.unique_id !== after.unique_id)
    .flatMap((form) => form.fields.filter(names).map((field) => ({ form: form.name.en ?? form.unique_id, field: english(field), on: name })))
  return [...own, ...foreign]
}

/** Roles that see a form, with what they may do there. */
export function rolesOf(form: string, roles: readonly Role[]): { role: Role; writes: boolean }[] {
  return roles.filter((role) => !role.disabled && form in role.form_section_read_write).map((role) => ({ role, writes: role.form_section_read_write[form] === 'rw' }))
}
