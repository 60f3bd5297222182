import { expect, it } from 'vitest'
import { keyOf, lookupBody, lookupFaults, lookupForm } from './values'

const lookup = {
  unique_id: 'lookup-sex', name: { en: 'Sex' },
  values: [{ id: 'm', display_text: { en: 'Male' } }, { id: 'f', display_text: { en: 'Female', fr: 'Femme' }, tags: ['x'] }],
}
const form = lookupForm(lookup)

it('keeps what it does not show', () => {
  const renamed = { ...form, values: form.values.map((one) => (one.id === 'f' ? { ...one, disabled: true } : one)) }
  expect(lookupBody(form, renamed, false)).toEqual({
    values: [{ id: 'm', display_text: { en: 'Male' }, _order: 0 }, { id: 'f', display_text: { en: 'Female', fr: 'Femme' }, tags: ['x'], disabled: true, _order: 1 }],
  })
})

it('says which option goes, and the order of those that stay', () => {
  const [male, female] = form.values as [typeof form.values[0], typeof form.values[0]]
  expect(lookupBody(form, { ...form, values: [female!] }, false).values).toContainEqual({ id: 'm', _delete: true })
  expect((lookupBody(form, { ...form, values: [female!, male!] }, false).values as { id: string; _order: number }[]).map((one) => [one.id, one._order])).toEqual([['f', 0], ['m', 1]])
})

it('nothing changed is nothing sent', () => expect(lookupBody(form, lookupForm(lookup), false)).toEqual({}))

it('faults stand where the server would place them', () => {
  const wrong = { unique_id: '', name: { fr: 'x' }, values: [...form.values, { ...form.values[0]!, display_text: { fr: 'a' } }] }
  expect(lookupFaults(wrong, 'needed', 'twice').map((one) => one.pointer)).toEqual(['/name/en', '/values/2/id', '/values/2/display_text/en'])
})

it('keys are plain', () => expect([keyOf('  Épouse / Conjoint '), keyOf('مرحبا'), keyOf('A-1')]).toEqual(['epouse_conjoint', '', 'a_1']))
