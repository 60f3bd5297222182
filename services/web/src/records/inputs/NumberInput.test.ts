import { expect, it } from 'vitest'
import { readNumber } from './NumberInput'

it.each([
  ['7', 7], ['٧', 7], ['۱۲', 12], ['-3', -3], ['', null], [' ', null], ['1x', undefined], ['1.5', undefined], ['٧a', undefined],
])('%j reads as %j', (text, number) => expect(readNumber(text)).toBe(number))
