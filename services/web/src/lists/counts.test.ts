import { expect, it } from 'vitest'
import type { Filter, RecordData } from '~/api/schemas'
import { KINDS } from '~/records/kinds'
import { countsParameters, localCounts } from './counts'

const filter = (name: string, options?: Filter['options']): Filter => ({ name, field_name: name, unique_id: name, type: 'checkbox', ...(options !== undefined && { options }) })
const choices = (...ids: string[]) => ids.map((id) => ({ id, label: id }))
const filters = [filter('risk_level'), filter('status'), filter('my_cases', [{ id: 'salma', key: 'owned_by' }, { id: 'salma', key: 'assigned_user_names' }])]
const asked = (name: string, ids: string[], search: Record<string, string>) => ({ kind: KINDS.case, filters, filter: filters.find((one) => one.field_name === name) as Filter, choices: choices(...ids), search, by: null })

it('asks for the options of one filter, with the others as they are and without its own', () => {
  expect(countsParameters(asked('risk_level', ['high', 'low'], { status: 'open', risk_level: 'high', 'not[sex]': 'male' }), '')).toEqual({ status: ['open'], 'not[sex]': 'male', 'of[risk_level]': 'high,low' })
  expect(countsParameters(asked('my_cases', ['owned_by', 'assigned_user_names'], { my_cases: 'owned_by' }), '')).toEqual({ 'of[owned_by]': 'salma', 'of[assigned_user_names]': 'salma' })
  expect(countsParameters({ ...asked('status', ['open'], {}), by: 'name' }, ' nor ')).toEqual({ query: 'nor', phonetic: true, 'of[status]': 'open' })
})

it('the device counts what the list would find', () => {
  const record = (id: string, risk_level: string, status: string): RecordData => ({ id, risk_level, status })
  const records = [record('1', 'high', 'open'), record('2', 'high', 'closed'), record('3', 'low', 'open')]
  const counts = localCounts(records, asked('risk_level', ['high', 'low', 'medium'], { status: 'open', risk_level: 'low' }), '')
  expect([...counts].map(([id, { count }]) => [id, count])).toEqual([['high', 1], ['low', 1], ['medium', 0]])
})
