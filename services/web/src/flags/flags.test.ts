import { expect, it } from 'vitest'
import type { Act } from '~/outbox/model'
import { openFlags } from './count'
import { type Flag, flagsNow } from './flags'

const flag = (id: number, rest: Partial<Flag> = {}): Flag => ({
  id, message: `flag ${id}`, date: `2026-01-0${id}`, flagged_by: 'awa', created_at: '', removed: false, unflag_message: null, unflagged_by: null, unflagged_date: null, ...rest,
})
const done = (act: Act, isRefused = false) => ({ at: '2026-02-03T04:05:06Z', refusal: isRefused ? { status: 403, sentences: [], faults: [] } : null, act })

it('what waits on the device is part of what is shown, newest first', () => {
  const acts = [done({ is: 'flag', message: 'new', date: '2026-01-09' }), done({ is: 'unflag', flag: 1, message: 'called' }), done({ is: 'reflag', flag: 2, message: 'other', date: '2026-01-05' })]
  const { open, resolved } = flagsNow([flag(1), flag(2), flag(3)], acts, 'salma')
  expect(open.map((one) => [one.message, one.unsent])).toEqual([['new', 'waiting'], ['other', 'waiting'], ['flag 3', null]])
  expect(resolved.map((one) => [one.id, one.unflag_message, one.unflagged_date])).toEqual([[1, 'called', '2026-02-03']])
  expect(openFlags(3, acts)).toBe(3)
})

it('what was refused changes nothing but says so', () => {
  const acts = [done({ is: 'unflag', flag: 1, message: 'no' }, true)]
  expect(flagsNow([flag(1)], acts, 'salma').open.map((one) => [one.id, one.unsent])).toEqual([[1, 'refused']])
  expect(openFlags(1, acts)).toBe(1)
})
