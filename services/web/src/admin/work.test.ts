import { expect, it } from 'vitest'
import { changed } from './api'
import { begun, moved, put, redone, undone } from './work'

it('goes back and forth, and a new step forgets what was undone', () => {
  let course = moved(moved(begun('a'), 'b', '', 1), 'c', '', 2)
  course = undone(undone(undone(course)))
  expect(course.present).toBe('a')
  course = redone(course)
  expect([course.present, course.future]).toEqual(['b', ['c']])
  expect(redone(moved(course, 'd', '', 3)).present).toBe('d')
})

it('letters typed into one field are one step, into two they are two', () => {
  const typed = moved(moved(moved(begun(''), 'S', 'name', 1), 'Sa', 'name', 200), 'Sal', 'name', 400)
  expect(undone(typed).present).toBe('')
  const two = moved(typed, 'Sal!', 'other', 500)
  expect(undone(two).present).toBe('Sal')
  const later = moved(typed, 'Salm', 'name', 9_000)
  expect(undone(later).present).toBe('Sal')
})

it('what changes nothing is no step', () => expect(moved(begun({ a: [1] }), { a: [1] }, '', 1).past).toEqual([]))

it('moves within a list and never beyond it', () => {
  expect(put(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a'])
  expect(put(['a', 'b', 'c'], 0, -1)).toEqual(['a', 'b', 'c'])
  expect(put(['a', 'b', 'c'], 2, 3)).toEqual(['a', 'b', 'c'])
})

it('sends only what differs', () => expect(changed({ a: 1, b: ['x'], c: '' }, { a: 1, b: ['y'], c: '' })).toEqual({ b: ['y'] }))
