import { expect, it } from 'vitest'
import { diffSnapshots } from './diff'

const before = {
  FormSection: [
    { unique_id: 'basic', name_i18n: { en: 'Basic', fr: 'Base' }, visible: true, fields_attributes: [{ name: 'age', type: 'numeric_field' }, { name: 'sex', type: 'select_box' }] },
    { unique_id: 'old', name_i18n: { en: 'Old' } },
  ],
  Role: [{ unique_id: 'r', name: 'Worker', permissions: { case: ['read', 'write'] } }, { unique_id: 'r2', name: 'Extra' }],
  ContactInformation: { name: 'A', phone: '1' },
}
const after = {
  FormSection: [
    { unique_id: 'basic', name_i18n: { en: 'Basics', fr: 'Base' }, visible: true, fields_attributes: [{ name: 'sex', type: 'select_box', required: true }, { name: 'school', type: 'text_field' }] },
    { unique_id: 'fresh', name_i18n: { en: 'Fresh' } },
  ],
  Role: [{ unique_id: 'r', name: 'Worker', permissions: { case: ['read', 'assign'] } }],
  ContactInformation: { name: 'B', phone: '1' },
}

it('tells what comes, what goes, and each member that differs', () => {
  const [forms, roles, contact] = diffSnapshots(before, after, 'en')
  expect(forms).toEqual({
    kind: 'FormSection', created: ['Fresh'], removed: ['Old'], stays: [],
    changed: [{
      id: 'basic', name: 'Basics',
      differences: [
        { path: 'fields_attributes › age', before: 'age', after: '' },
        { path: 'fields_attributes › sex › required', before: '', after: 'true' },
        { path: 'fields_attributes › school', before: '', after: 'school' },
        { path: 'name_i18n › en', before: 'Basic', after: 'Basics' },
      ],
    }],
  })
  expect(roles).toMatchObject({ stays: ['Extra'], removed: [], changed: [{ name: 'Worker', differences: [{ path: 'permissions › case', before: 'write', after: 'assign' }] }] })
  expect(contact).toMatchObject({ created: [], changed: [{ differences: [{ path: 'name', before: 'A', after: 'B' }] }] })
})

it('entries that changed places are told', () => {
  const lookup = (ids: string[]) => ({ Lookup: [{ unique_id: 'l', lookup_values_i18n: ids.map((id) => ({ id })) }] })
  expect(diffSnapshots(lookup(['a', 'b']), lookup(['b', 'a']), 'en')[0]?.changed[0]?.differences).toEqual([{ path: 'lookup_values_i18n', before: 'a, b', after: 'b, a' }])
})

it('equal ones differ in nothing', () => expect(diffSnapshots(before, structuredClone(before), 'en')).toEqual([]))
