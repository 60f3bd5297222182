import { expect, it } from 'vitest'
import type { AdminForm, Role } from '../api'
import { impactOf, rolesOf } from './impact'
import { type FormWork, type Part, changedField, formBody, formWork, freeName, kindOf, newField } from './model'

const stored: AdminForm = {
  id: 6, unique_id: 'basic', name: { en: 'Basic' }, parent_form: 'case', visible: true, module_ids: ['cp'],
  fields: [
    { id: 2, name: 'sex', type: 'select_box', order: 1, display_name: { en: 'Sex' }, visible: true, form_section_id: 6, option_strings_text: [{ id: 'a', display_text: { en: 'A' } }, { id: 'b', display_text: { en: 'B' } }] },
    { id: 1, name: 'age', type: 'numeric_field', order: 0, display_name: { en: 'Age' }, visible: true, form_section_id: 6 },
  ],
} as unknown as AdminForm
const before = formWork(stored)
const without = (name: string): FormWork => ({ ...before, fields: before.fields.filter((one) => one.name !== name) })

it('fields stand in their order, and names stay free', () => {
  expect(before.fields.map((one) => one.name)).toEqual(['age', 'sex'])
  expect(freeName('Âge !', new Set(['age']))).toBe('age_2')
  expect([freeName('مرحبا', new Set()), freeName('2nd name', new Set())]).toEqual(['field', 'nd_name'])
})

it('kinds are told apart by their properties, both ways', () => {
  for (const kind of ['multi_select', 'date_time', 'phone', 'text_field', 'subform']) expect(kindOf(newField(kind, 'X', new Set()))).toBe(kind)
})

it('sends the whole list of fields when one changes, with what it does not show, and nothing when none does', () => {
  expect(formBody(before, before, false)).toEqual({})
  const body = formBody(before, changedField(before, 0, { required: true }), false)
  expect(Object.keys(body)).toEqual(['fields'])
  expect((body.fields as Part[])[0]).toMatchObject({ name: 'age', required: true, order: 0 })
  expect((body.fields as Part[])[1]).not.toHaveProperty('isNew')
})

it('an option that was taken away is said to be', () => {
  const less = changedField(before, 1, { option_strings_text: [{ id: 'b', display_text: { en: 'B' } }] as never })
  const [, sex] = formBody(before, less, false).fields as Record<string, unknown>[]
  expect(sex?.option_strings_text).toEqual([{ id: 'b', display_text: { en: 'B' }, _order: 0 }, { id: 'a', _delete: true }])
  expect(impactOf(before, less, []).options).toEqual([{ field: 'Sex', gone: ['a'] }])
})

it('a property that was cleared is sent as null', () => {
  const { option_strings_source: _gone, ...bare } = { ...before.fields[0]!, option_strings_source: undefined }
  const had = changedField(before, 0, { option_strings_source: 'lookup lookup-x' })
  const body = formBody(had, { ...had, fields: [bare as Part, had.fields[1]!] }, false)
  expect((body.fields as Record<string, unknown>[])[0]?.option_strings_source).toBeNull()
})

it('names what is new, gone, hidden, required and moved', () => {
  const more = { ...before, fields: [...before.fields, newField('text_field', 'School', new Set())] }
  expect(impactOf(before, more, []).created.map((one) => one.name)).toEqual(['school'])
  const gone = impactOf(before, without('sex'), [])
  expect([gone.removed.map((one) => one.name), gone.takes, gone.moved]).toEqual([['sex'], true, false])
  expect(impactOf(before, changedField(before, 0, { visible: false }), []).hidden).toHaveLength(1)
  expect(impactOf(before, changedField(before, 0, { required: true }), []).required).toHaveLength(1)
  expect(impactOf(before, { ...before, fields: [...before.fields].reverse() }, []).moved).toBe(true)
})

it('finds fields elsewhere that hang on one that goes', () => {
  const other = { ...stored, unique_id: 'more', name: { en: 'More' }, fields: [{ id: 9, name: 'why', type: 'text_field', display_name: { en: 'Why' }, display_conditions_record: { eq: { sex: 'a' } } }] } as unknown as AdminForm
  expect(impactOf(before, without('sex'), [other]).broken).toEqual([{ form: 'More', field: 'Why', on: 'sex' }])
})

it('names the roles that see a form', () => {
  const role = { id: 1, name: 'R', disabled: false, form_section_read_write: { basic: 'r' } } as unknown as Role
  expect(rolesOf('basic', [role, { ...role, disabled: true }, { ...role, form_section_read_write: {} }])).toEqual([{ role, writes: false }])
})
