import { expect, it } from 'vitest'
import type { Conflict } from '~/record-pages/queries'
import { type Inbox, entriesOf, waiting, withEntry, withMet } from './inbox'

const side = (value: unknown) => ({ value, user_name: 'ann', datetime: '2026-01-01T00:00:00Z' })
const conflict = (id: string): Conflict => ({ id, field: 'age', path: '/age', base_version: 1, kept: side(1), proposed: side(2) })
const inbox = (ids: string[], later: string[] = []): Inbox => ({ entries: [{ type: 'case', recordId: 'r', conflicts: ids.map(conflict) }], later, at: null })

it('what a write met comes to what is known, once', () => {
  const twice = withMet(withMet(inbox(['a']), { type: 'case', recordId: 'r', conflicts: [conflict('b')] }), { type: 'case', recordId: 'r', conflicts: [conflict('b')] })
  expect(twice.entries[0]?.conflicts.map((one) => one.id)).toEqual(['a', 'b'])
})

it('a record without conflicts leaves the inbox, and what was put off with it', () => {
  expect(withEntry(inbox(['a', 'b'], ['a']), { type: 'case', recordId: 'r', conflicts: [conflict('b')] })).toEqual(inbox(['b']))
  expect(withEntry(inbox(['a'], ['a']), { type: 'case', recordId: 'r', conflicts: [] })).toEqual({ entries: [], later: [], at: null })
})

it('what was put off does not count', () => {
  expect([waiting(inbox(['a', 'b'])), waiting(inbox(['a', 'b'], ['b']))]).toEqual([2, 1])
})

it('the list becomes one entry for each record, named as the server names it, in its order', () => {
  const listed = (id: string, record_id: string) => ({ ...conflict(id), record_type: 'case' as const, record_id, title: `Child ${record_id}`, short_id: record_id })
  const entries = entriesOf([listed('a', 'mine'), listed('b', 'other'), listed('c', 'mine')])
  expect(entries.map((entry) => [entry.recordId, entry.title, entry.conflicts.map((one) => one.id)])).toEqual([['mine', 'Child mine', ['a', 'c']], ['other', 'Child other', ['b']]])
  const now = { entries, later: [], at: null }
  expect(withEntry(now, { type: 'case', recordId: 'mine', conflicts: [conflict('c')] }).entries[0]).toMatchObject({ title: 'Child mine', conflicts: [{ id: 'c' }] })
})
