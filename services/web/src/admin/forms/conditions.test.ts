import { expect, it } from 'vitest'
import { parse } from '~/records/expressions'
import { linesOf, treeOf } from './conditions'

const types: Record<string, string> = { age: 'numeric_field', ok: 'tick_box' }
const back = (tree: unknown) => treeOf(linesOf(tree)!, (field) => types[field])

it('reads what it writes, and what it writes is an expression', () => {
  for (const tree of [{ eq: { sex: 'a' } }, { and: [{ ge: { age: 5 } }, { eq: { ok: true } }] }, { or: [{ eq: { sex: 'a' } }, { not: { eq: { sex: 'b' } } }] }]) {
    expect(back(tree)).toEqual(tree)
    expect(() => parse(tree)).not.toThrow()
  }
})

it('nothing asked for is no condition', () => expect([back(null), back({}), treeOf({ join: 'and', lines: [{ field: '', is: 'eq', value: '' }] }, () => '')]).toEqual([null, null, null]))

it('a tree that says more is left alone', () => {
  for (const tree of [{ in: { sex: ['a'] } }, { and: [{ or: [] }] }, { eq: { a: 1, b: 2 } }, { sum: ['a'] }]) expect(linesOf(tree)).toBeNull()
})
