import { expect, it } from 'vitest'
import type { Filter } from '~/api/schemas'
import { kindsOf, queryFor, readListSearch, withValues } from './list-search'

const filter = (field_name: string, rest: object = {}): Filter => ({ name: '', field_name, unique_id: field_name, type: 'checkbox', ...rest })

it.each([
  ['Amani', ['name']],
  ['سلمى', ['name']],
  ['53499f6', ['id', 'name']],
  ['+963 098 843 758', ['phone', 'id']],
  ['٠٩٨٨٤٣٧٥٨', ['phone', 'id']],
  ['123', ['id', 'name']],
  ['deadbee', ['name', 'id']],
])('%s may mean %j', (typed, kinds) => expect(kindsOf(typed)).toEqual(kinds))

it('filters of the address become lists, other conditions go as they are, and nothing else does', () => {
  const query = queryFor({ sex: 'female,male', 'not[risk_level]': 'high,low', sort: 'name', find: 'k', per: '9999', fields: 'x' }, [filter('sex')])
  expect(query).toEqual({ sex: ['female', 'male'], 'not[risk_level]': 'high,low', order_by: 'name', order: 'asc' })
})

it('my cases mean the fields that the options name', () => {
  const options = [{ id: 'ann', key: 'owned_by' }, { id: 'ann', key: 'assigned_user_names' }]
  expect(queryFor({ my_cases: 'owned_by' }, [filter('my_cases', { options })])['or[owned_by]']).toBe('ann')
})

it('a range of dates may be open at the end and needs a beginning', () => {
  const dates = [filter('cases_by_date', { type: 'dates' })]
  expect(queryFor({ cases_by_date: 'registration_date,2026-01-01' }, dates).registration_date).toBe('2026-01-01..')
  expect(queryFor({ cases_by_date: 'registration_date' }, dates)).not.toHaveProperty('registration_date')
})

it('an emptied filter leaves the address', () => {
  expect(withValues({ sex: 'female', sort: 'name' }, 'sex', [])).toEqual({ sort: 'name' })
  expect(readListSearch({ sex: '', sort: undefined, age: 5 })).toEqual({ age: '5' })
})
