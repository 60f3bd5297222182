import { expect, it } from 'vitest'
import { planOf } from './caseload'

const kept = new Map([['same', 't1'], ['changed', 't1'], ['left', 't1'], ['unsent', 't1']])

it('reads what is new or changed, and drops what left, but never what was not sent', () => {
  const listed = [{ id: 'same', last_updated_at: 't1' }, { id: 'changed', last_updated_at: 't2' }, { id: 'new', last_updated_at: 't1' }]
  expect(planOf(listed, kept, new Set(['unsent']))).toEqual({ read: ['changed', 'new'], gone: ['left'] })
})

it('an empty caseload empties the device, except for unsent work', () => {
  expect(planOf([], kept, new Set(['unsent'])).gone).toEqual(['same', 'changed', 'left'])
})
