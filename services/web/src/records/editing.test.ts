import { expect, it, vi } from 'vitest'
import type { Field } from '~/api/schemas'
import { Editing, defaultsOf } from './editing'
import { today } from './moments'

const field = (name: string, rest: Partial<Field> = {}): Field => ({ id: 1, name, type: 'text_field', ...rest }) as Field

it('a field hears of itself only', () => {
  const editing = new Editing({ a: 1, b: 2 }, [])
  const [a, b] = [vi.fn(), vi.fn()]
  editing.listen('a', a)
  editing.listen('b', b)
  editing.set('a', 5)
  expect([a.mock.calls.length, b.mock.calls.length]).toEqual([1, 0])
})

it('a value that stays the same is no change', () => {
  const editing = new Editing({ needs: ['a'] }, [])
  const heard = vi.fn()
  editing.listenAll(heard)
  editing.set('needs', ['a'])
  expect(heard).not.toHaveBeenCalled()
})

it('calculations follow as one types, also those that build on others', () => {
  const sum = field('sum', { type: 'calculated', calculation: { expression: { sum: ['a', 'b'] } } })
  const twice = field('twice', { type: 'calculated', calculation: { expression: { sum: ['sum', 'sum'] } } })
  const editing = new Editing({ a: 1 }, [twice, sum])
  const heard = vi.fn()
  editing.listen('twice', heard)
  editing.set('b', 4)
  expect([editing.get('sum'), editing.get('twice'), heard.mock.calls.length]).toEqual([5, 10, 1])
})

it('totals of a group follow their numbers', () => {
  const number = (name: string, isTotal = false) => field(name, { type: 'numeric_field', autosum_group: 'g', autosum_total: isTotal })
  const editing = new Editing({}, [number('boys'), number('girls'), number('all', true)])
  editing.set('boys', 2)
  editing.set('girls', 3)
  expect(editing.get('all')).toBe(5)
  editing.set('boys', null)
  editing.set('girls', null)
  expect(editing.get('all')).toBeNull()
})

it('skip logic of an entry looks at the entry and at the record around it', () => {
  const record = new Editing({ open: 'yes' }, [])
  const entry = new Editing({ kind: 'x' }, [], record)
  const both = field('f', { display_conditions_record: { open: 'yes' }, display_conditions_subform: { kind: 'y' } })
  const { shows, depends } = entry.condition(both)
  expect([shows(), depends]).toEqual([false, ['kind']])
  entry.set('kind', 'y')
  expect(shows()).toBe(true)
  record.set('open', 'no')
  expect(shows()).toBe(false)
})

it('what the server refused goes when the field is changed', () => {
  const editing = new Editing({ age: 999 }, [])
  editing.refuse([{ pointer: '/age', code: 'out_of_range', message: 'Too high.' }])
  expect(editing.faultOf('age')).toBe('Too high.')
  editing.set('age', 9)
  expect(editing.faultOf('age')).toBeNull()
})

it('defaults of a form: today, lists, ticks', () => {
  const fields = [
    field('on', { type: 'date_field', selected_value: 'TODAY' }),
    field('tick', { type: 'tick_box', selected_value: 'true' }),
    field('many', { type: 'select_box', multi_select: true, selected_value: 'a' }),
    field('none', { selected_value: '' }),
  ]
  expect(defaultsOf({ fields })).toEqual({ on: today(), tick: true, many: ['a'] })
})
