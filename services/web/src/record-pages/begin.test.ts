import { expect, it } from 'vitest'
import type { Field, Form, Settings, User } from '~/api/schemas'
import { Catalog } from '~/records/catalog'
import { ALL_KINDS, KINDS, codeOf, kindAt, nameParts, titleField } from '~/records/kinds'
import { begin, incidentOf, modulesFor } from './begin'

const field = (name: string, rest: Partial<Field> = {}): Field => ({ id: 1, name, type: 'text_field', ...rest })
const form = (unique_id: string, parent_form: string, fields: Field[]): Form => ({ id: 1, unique_id, parent_form, name: { en: unique_id }, fields, module_ids: ['cp'] })
const settings = (field_map: unknown): Settings => ({
  modules: [{ unique_id: 'cp', name: 'CP', associated_record_types: ['case', 'incident'], module_options: {}, field_map }],
})
const user = { module_unique_ids: ['cp'], permitted_form: { what: 'rw', seen: 'r' } } as unknown as User
const incidentForms = [form('seen', 'incident', [field('sex')]), form('what', 'incident', [field('age'), field('where', { selected_value: 'here' })])]
const catalog = (map: unknown = null) => new Catalog(incidentForms, [], [], settings(map), user)

it('an incident takes over what the programme names, and knows its case', () => {
  const map = { fields: [{ source: 'location', target: 'where' }, { source: 'empty', target: 'age' }] }
  const values = { id: 'c', module_id: 'cp', location: 'X1', age: 9 }
  expect(incidentOf(catalog(map), values)).toEqual({ where: 'X1', incident_case_id: 'c' })
})

it('without a map it takes over the usual, as far as the forms know it', () => {
  expect(incidentOf(catalog(), { id: 'c', module_id: 'cp', age: 9, gbv_religion: 'r' })).toEqual({ age: 9, incident_case_id: 'c' })
})

it('writing begins in the first section that may be written, with its defaults', () => {
  const begun = begin(catalog(), KINDS.incident, 'cp', { age: 4 })
  expect([begun?.section, begun?.draft.patch, begun?.draft.type]).toEqual(['what', { module_id: 'cp', where: 'here', age: 4 }, 'incident'])
})

it('no form to write, nothing to begin', () => {
  expect(begin(catalog(), KINDS.family, 'cp', {})).toBeNull()
  expect(modulesFor(catalog(), KINDS.family)).toEqual([])
})

it('every type has an address of its own', () => {
  expect(new Set(ALL_KINDS.map((kind) => kind.place)).size).toBe(ALL_KINDS.length)
  expect(kindAt('outbox')).toBeUndefined()
})

it('a record is called by its title, and by its code without one', () => {
  expect(titleField(KINDS.family, { family_name: '' })).toBeUndefined()
  expect(codeOf(KINDS.family, { id: '0123456789', short_id: 'abc1234' })).toBe('abc1234')
  expect(nameParts('Amal bint Omar')).toEqual({ name_first: 'Amal', name_middle: 'bint', name_last: 'Omar' })
})
