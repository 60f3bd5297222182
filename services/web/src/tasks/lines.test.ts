import { expect, it } from 'vitest'
import { inRange, readRange } from './lines'
import { dueDate } from './queries'

const line = (on: string, overdue = false) => ({ id: '1', name: '', code: '', what: '', on, overdue })

it.each([['2026-03-10', true], ['2026-03-17', true], ['2026-03-18', false]])('%s is within a week of the tenth: %s', (on, within) => {
  expect(inRange(line(on), 'soon', '2026-03-10')).toBe(within)
})

it('what is overdue is not due soon', () => {
  expect([inRange(line('2026-03-09', true), 'soon', '2026-03-10'), inRange(line('2026-03-09', true), 'overdue', '2026-03-10')]).toEqual([false, true])
})

it('addresses and dates are read as they are written', () => {
  expect([readRange({ due: 'soon' }), readRange({ due: 'x' }), dueDate('31-Jan-2026')]).toEqual([{ due: 'soon' }, {}, '2026-01-31'])
})
