import { expect, it } from 'vitest'
import { bodyOf, formOf, groupFault } from './body'

const salma = formOf({ id: 2, user_name: 'salma', full_name: 'Salma', agency_id: 3, role_unique_id: 'role-a', user_group_unique_ids: ['north'], disabled: false })

it('a known user is sent with what was changed only, and never by a new name', () => {
  expect(bodyOf({ ...salma, full_name: 'Salma B', agency_id: '4', user_name: 'other' }, salma, false)).toEqual({ full_name: 'Salma B', agency_id: 4 })
  expect(bodyOf({ ...salma, full_name: '' }, salma, false)).toEqual({ full_name: null })
})

it('a new user is sent with what was filled in', () => {
  const empty = formOf(null)
  expect(bodyOf({ ...empty, user_name: ' rana ', email: 'r@example.org' }, empty, true)).toEqual({ user_name: 'rana', email: 'r@example.org', send_mail: true })
})

it('taking all teams away is said to be impossible instead of being ignored', () => {
  expect(groupFault({ ...salma, user_group_unique_ids: [] }, salma, 'x')).toHaveLength(1)
  expect(groupFault(salma, salma, 'x')).toEqual([])
})
