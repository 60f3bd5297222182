import { expect, it } from 'vitest'
import { clashOf, saidOf, settled } from './clash'

const base = { name: 'Team', people: ['a'], note: '' }

it('nobody else changed anything: nothing to tell', () => expect(clashOf(base, { ...base, name: 'Mine' }, { ...base })).toBeNull())

it('different parts come together; the same part asks', () => {
  const mine = { ...base, name: 'Mine', note: 'mine' }
  const clash = clashOf(base, mine, { name: 'Theirs', people: ['a', 'b'], note: '' })
  expect(clash?.parts.map((part) => [part.key, part.both])).toEqual([['name', true], ['people', false]])
  if (clash === null) return
  expect(settled(mine, clash, 'mine')).toEqual({ name: 'Mine', people: ['a', 'b'], note: 'mine' })
  expect(settled(mine, clash, 'theirs')).toEqual({ name: 'Theirs', people: ['a', 'b'], note: 'mine' })
})

it('the same change twice is none', () => {
  const both = { ...base, name: 'Same' }
  expect(clashOf(base, both, both)?.parts.some((part) => part.both)).toBe(false)
})

it('values are said in a line', () => expect([saidOf({ en: 'A', fr: '' }), saidOf(['x', true]), saidOf(null)]).toEqual(['en: A · fr: –', 'x, ✓', '–']))
