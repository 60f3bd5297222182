import { expect, it } from 'vitest'
import { wordsOf } from '.'
import arabic from './locales/ar.json'
import english from './locales/en.json'

const en = wordsOf('en', english)
const ar = wordsOf('ar', arabic)

it('chooses plural forms by the language', () => {
  expect([0, 1, 2].map((count) => en.t('list.total.case', { count }))).toEqual(['0 cases', '1 case', '2 cases'])
  expect(new Set([0, 1, 2, 3, 11].map((count) => ar.t('list.total.case', { count }))).size).toBe(5)
})

it('a name of the other direction keeps its own', () => {
  expect(en.t('home.hello', { name: 'Salma' })).toBe('Hello, Salma')
  expect(en.t('home.hello', { name: 'سلمى' })).toBe('Hello, \u2068سلمى\u2069')
  expect(ar.t('home.hello', { name: 'Salma' })).toContain('\u2068Salma\u2069')
})

it('dates do not move with the time zone, and what is no date stays as it is', () => {
  expect(en.date('2026-01-31')).toBe('Jan 31, 2026')
  expect(en.date('someday')).toBe('someday')
})

it('directions', () => expect([en.direction, ar.direction]).toEqual(['ltr', 'rtl']))
