import { expect, test } from 'vitest'
import { traceparent } from './trace'

const command = '0198c0de-0000-7000-8000-00000000ab01'

test('all tries of a command are one trace, and steps of their own', () => {
  const tries = [traceparent(command), traceparent(command.toUpperCase())]
  for (const one of tries) expect(one).toMatch(/^00-0198c0de00007000800000000000ab01-[0-9a-f]{16}-01$/)
  expect(tries[0]).not.toBe(tries[1])
})

test('what is no command has a trace of its own', () => {
  for (const none of [undefined, '', 'mine', '00000000-0000-0000-0000-000000000000']) {
    expect(traceparent(none)).toMatch(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  }
  expect(traceparent()).not.toBe(traceparent())
})
