import { expect, it } from 'vitest'
import { applyPatch, patchBetween } from './patch'

const contact = (id: string, rest: object) => ({ unique_id: id, ...rest })

it('names only what differs', () => {
  expect(patchBetween({ age: 9, name: 'A', sex: null }, { age: 10, name: 'A', sex: null })).toEqual({ age: 10 })
})

it('a value that was never there is not changed by being empty', () => {
  expect(patchBetween({}, { age: null })).toEqual({})
})

it('lists of codes go whole', () => {
  expect(patchBetween({ needs: ['a'] }, { needs: ['a', 'b'] })).toEqual({ needs: ['a', 'b'] })
})

it('entries go by their id: changed parts, new ones, marks for gone ones', () => {
  const base = { contacts: [contact('1', { name: 'A', age: 1 }), contact('2', { name: 'B' }), contact('3', { name: 'C' })] }
  const now = { contacts: [contact('1', { name: 'A', age: 2 }), contact('3', { name: 'C' }), contact('4', { name: 'D' })] }
  expect(patchBetween(base, now)).toEqual({
    contacts: [contact('1', { age: 2 }), contact('4', { name: 'D' }), { unique_id: '2', _destroy: true }],
  })
})

it('an emptied subform destroys each entry', () => {
  expect(patchBetween({ contacts: [contact('1', { name: 'A' })] }, { contacts: [] })).toEqual({
    contacts: [{ unique_id: '1', _destroy: true }],
  })
})

it('what is applied is what was there, for any two states', () => {
  let seed = 7
  const dice = (sides: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed % sides
  }
  const entry = () => contact(String(dice(4)), { name: ['A', 'B', null][dice(3)], age: dice(3) })
  const unique = (entries: ReturnType<typeof entry>[]) => [...new Map(entries.map((one) => [one.unique_id, one])).values()]
  const state = () => ({
    age: [null, 1, 2][dice(3)],
    needs: [[], ['a'], ['a', 'b']][dice(3)],
    contacts: unique(Array.from({ length: dice(4) }, entry)),
  })
  const ordered = (values: Record<string, unknown>) => ({
    ...values,
    contacts: [...(values.contacts as { unique_id: string }[])].sort((one, other) => one.unique_id.localeCompare(other.unique_id)),
  })
  for (let round = 0; round < 500; round += 1) {
    const [base, now] = [state(), state()]
    expect(ordered(applyPatch(base, patchBetween(base, now)))).toEqual(ordered(now))
  }
})
