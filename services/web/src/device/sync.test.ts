import { expect, it } from 'vitest'
import { type Delta, knownOf, strays, tagsAfter } from './sync'

const changed = (id: string, tag: string): Delta['changed'][number] => ({ record_type: 'case', id, version: 1, tag, record: { id } })

it('the server is told of what is really here, and of each type that may be read', () => {
  const tags = { case: { a: '1-x', b: '2-x' } }
  expect(knownOf(tags, ['case', 'incident'], new Set(['a']))).toEqual({ case: { a: '1-x' }, incident: {} })
})

it('tags follow what the server says', () => {
  const after = tagsAfter({ case: { a: '1', b: '1' } }, { changed: [changed('a', '2'), changed('c', '1')], gone: [{ record_type: 'case', id: 'b', reason: 'closed' }] })
  expect(after).toEqual({ case: { a: '2', c: '1' } })
})

it('what belongs here no more goes, but never what was not sent', () => {
  expect(strays({ case: { a: '1' }, incident: { i: '1' } }, ['a', 'i', 'gone', 'unsent'], new Set(['unsent']))).toEqual(['gone'])
})
