import { expect, it } from 'vitest'
import { groupsOf } from './Boards'
import { dueLines, numbersOf } from './from-device'
import { homeShape, searchOf } from './shape'

const TODAY = '2026-03-10'
const one = (id: string, rest: object) => ({ id, status: 'open', record_state: true, ...rest })
const cases = [
  one('1', { risk_level: 'high', flag_count: 1, assessment_due_date: '2026-03-01' }),
  one('2', { risk_level: 'high', not_edited_by_owner: true, case_plan_due_date: '2026-03-12' }),
  one('3', { followup_subform_section: [{ followup_needed_by_date: '2026-09-01' }] }),
  one('4', { status: 'closed', risk_level: 'low', assessment_due_date: '2026-01-01' }),
]

it('the device counts as the server does: open cases, within a week', () => {
  const numbers = numbersOf(cases, [one('i', {})], TODAY, 'then')
  expect([numbers.cases?.open.count, numbers.cases?.flagged?.count, numbers.cases?.new_or_updated?.count]).toEqual([3, 1, 1])
  expect([numbers.tasks?.overdue, numbers.tasks?.due_soon, numbers.tasks?.kinds.case_plan]).toEqual([1, 1, { overdue: 0, due_soon: 1 }])
  expect(Object.entries(numbers.risk ?? {}).map(([level, found]) => [level, found.count])).toEqual([['high', 2]])
  expect(homeShape.parse(numbers)).toEqual(numbers)
})

it('lines come by their dates, the overdue first, those of closed cases never', () => {
  expect(dueLines(cases, TODAY).map((line) => [line.id, line.overdue])).toEqual([['1', true], ['2', false], ['3', false]])
})

it('a number leads to the list that it counts', () => {
  expect(searchOf(['record_state=true', 'status=open', 'not[risk_level]=high,low'])).toEqual({ record_state: 'true', status: 'open', 'not[risk_level]': 'high,low' })
  expect(searchOf(['status=open', 'status=closed', 'nonsense'])).toEqual({ status: 'open,closed' })
})

const counted = (count: number) => ({ count, query: [] })

it('boards of any depth become groups; zeros say nothing', () => {
  expect(groupsOf({ open: counted(1), closed: counted(0) })).toEqual([{ key: null, found: [['open', counted(1)]] }])
  expect(groupsOf({ workflow_cp: { ann: { new: counted(2) } } })).toEqual([{ key: 'ann', found: [['new', counted(2)]] }])
  expect(groupsOf({ concerns: { a: counted(0) } })).toEqual([])
})
