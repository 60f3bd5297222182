import { expect, it } from 'vitest'
import type { Place } from '../api'
import { branches } from './tree'

const place = (code: string, hierarchy: string[], en: string): Place => ({ id: 1, code, hierarchy, name: {}, placename: { en }, disabled: false, admin_level: hierarchy.length - 1 })
const places = [place('A', ['A'], 'Amaria'), place('A2', ['A', 'A2'], 'South'), place('A1', ['A', 'A1'], 'North'), place('A1x', ['A', 'A1', 'A1x'], 'Harbour')]
const shown = (open: string[], wanted = '') => branches(places, new Set(open), wanted, (one) => one.placename.en ?? '').map((one) => `${one.depth}${one.place.code}/${one.below}`)

it('shows open branches only, by name', () => {
  expect(shown([])).toEqual(['0A/2'])
  expect(shown(['A'])).toEqual(['0A/2', '1A1/1', '1A2/0'])
})
it('a search looks everywhere', () => expect(shown([], 'harb')).toEqual(['0A1x/0']))
