import { expect, it } from 'vitest'
import { filtersOf, searchOfSaved } from './saved'

it('a search is kept without the words that were typed, and comes back as it was', () => {
  const search = { sex: 'female,male', cases_by_date: 'registration_date,2026-01-01', sort: '-age', find: 'secret' }
  const filters = filtersOf(search)
  expect(JSON.stringify(filters)).not.toContain('secret')
  const { find: _typed, ...rest } = search
  expect(searchOfSaved({ filters })).toEqual(rest)
})

it('what other clients saved is read as far as an address can say it', () => {
  expect(searchOfSaved({ filters: [{ name: 'status', value: ['open'] }, { name: 'age', value: { from: 1 } }, { name: 'sex', value: [] }] })).toEqual({ status: 'open' })
})
