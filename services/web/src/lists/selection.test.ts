import { expect, it } from 'vitest'
import { MOST_PINS, withPins } from '~/device/pins'
import { toggled } from './useSelection'

it('choosing twice is choosing not', () => {
  expect([...toggled(toggled(new Set(['a']), 'b'), 'a')]).toEqual(['b'])
})

it('what was chosen last is kept, once, within the bound', () => {
  const many = Array.from({ length: MOST_PINS }, (_, at) => `r${at}`)
  const pins = withPins({ case: many }, 'case', ['new', 'r1'])
  expect([pins.case?.length, pins.case?.slice(0, 3)]).toEqual([MOST_PINS, ['new', 'r1', 'r0']])
})
