import { describe, expect, it } from 'vitest'
import file from '../../../kit/records/vectors/expressions.json'
import { Malformed, fieldsOf, parse, shows, valueOf } from './expressions'

interface Vectors {
  values: { name: string; expression: unknown; data: Record<string, unknown>; value: unknown }[]
  shown: { name: string; condition: unknown; data: Record<string, unknown>; shown: boolean }[]
}

const vectors = file as Vectors

describe('the vectors that the server runs too', () => {
  it('are at least three hundred', () => {
    expect(vectors.values.length + vectors.shown.length).toBeGreaterThanOrEqual(300)
  })
  it.each(vectors.values)('value: $name', ({ expression, data, value }) => {
    expect(valueOf(parse(expression), data)).toEqual(value)
  })
  it.each(vectors.shown)('shown: $name', ({ condition, data, shown }) => {
    expect(shows(condition, data)).toBe(shown)
  })
})

it.each([null, {}, { eq: {} }, { and: { a: 1 } }, { sum: 'a' }, { avg: { data: ['a'], extra: { decimalPlaces: 99 } } }])(
  '%j is no expression',
  (tree) => expect(() => parse(tree)).toThrow(Malformed),
)

it('is not nested without end', () => {
  let tree: unknown = { a: 1 }
  for (let depth = 0; depth < 40; depth += 1) tree = { not: tree }
  expect(() => parse(tree)).toThrow(Malformed)
})

it('tells which fields it looks at', () => {
  const tree = parse({ and: [{ eq: { a: 1 } }, { not: { gt: { b: { sum: ['c', 'd'] } } } }] })
  expect(fieldsOf(tree)).toEqual(['a', 'b', 'c', 'd'])
})
