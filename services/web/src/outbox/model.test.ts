import { expect, it } from 'vitest'
import { type Values, applyPatch } from '~/records/patch'
import { type Draft, type Item, type Outcome, actDraftId, after, begun, due, joined, mergedPatch, pendingOf, recordOf, waitAfter, withItem } from './model'
import { requestOf } from './request'

const item = (id: string, patch: Item['patch'], rest: Partial<Item> = {}): Item => ({
  id, recordId: 'r', type: 'case', module: null, base: 1, patch, isNew: false, at: id, tries: 0, nextAt: 0, refusal: null, ...rest,
})
const refused: Outcome = { is: 'refused', refusal: { status: 422, sentences: [], faults: [] } }

it('work that was never sent becomes one', () => {
  const items = withItem([item('1', { a: 1, b: 1 })], item('2', { b: 2 }))
  expect(items.map((one) => [one.id, one.patch])).toEqual([['2', { a: 1, b: 2 }]])
})

it('work that may have reached the server stays as it is, and later work waits behind it', () => {
  const items = withItem(begun([item('1', { a: 1 })], '1'), item('2', { b: 2 }))
  expect(items.map((one) => one.id)).toEqual(['1', '2'])
  expect(due(items, 0).map((one) => one.id)).toEqual(['1'])
})

it('nothing goes past what needs somebody, and other records are not held up', () => {
  const items = [item('1', {}), item('2', {}), item('3', {}, { recordId: 's' })]
  expect(due(after(items, '1', refused, 0, 0), 0).map((one) => one.id)).toEqual(['3'])
})

it('later work is based on one’s own write when nobody came in between, and only then', () => {
  const items = begun([item('1', { a: 1 }), item('2', { a: 2 })], '1')
  const baseAfter = (version: number) => after(items, '1', { is: 'sent', version }, 0, 0)[0]?.base
  expect([baseAfter(2), baseAfter(5)]).toEqual([2, 1])
})

it('waits grow, differ, and have an end', () => {
  expect(waitAfter(0, 0)).toBe(1_000)
  expect(waitAfter(0, 1)).toBe(2_000)
  expect(waitAfter(100, 1)).toBe(300_000)
  expect(after([item('1', {})], '1', { is: 'later', wait: 60_000 }, 5, 0)[0]?.nextAt).toBe(60_005)
})

it('work upon a version that the server lost goes again as based on the first', () => {
  const items = begun([item('1', { a: 1 }, { base: 7 }), item('2', {}, { recordId: 's', base: 7 })], '1')
  const again = after(items, '1', { is: 'ahead' }, 5, 0)
  expect(again.map((one) => [one.id, one.base, one.refusal])).toEqual([['1', 1, null], ['2', 7, null]])
  expect(due(again, 5).map((one) => one.id)).toEqual(['1', '2'])
})

it('one patch does what two do', () => {
  const first = { a: 1, list: [{ unique_id: 'x', n: 1 }, { unique_id: 'y', n: 1 }] }
  const second = { a: 2, list: [{ unique_id: 'x', m: 2 }, { unique_id: 'y', _destroy: true }] }
  const start: Values = { list: [{ unique_id: 'y', n: 0 }] }
  expect(applyPatch(start, mergedPatch(first, second))).toEqual(applyPatch(applyPatch(start, first), second))
})

/**
 * Devices that write the same record over a network that loses requests and answers: whatever
 * happens, each change is on the server, or in a conflict there, or still in an outbox.
 */
it('no course of events loses a change (600 seeded runs)', () => {
  for (let seed = 1; seed <= 600; seed += 1) run(seed)
})

function run(seed: number): void {
  let state = seed * 2_654_435_761
  const dice = (sides: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * sides)
  }
  const server = { version: 1, values: {} as Values, changed: new Map<string, number>(), commands: new Map<string, number>(), conflicts: [] as unknown[] }
  const receive = (sent: Item): number => {
    const known = server.commands.get(sent.id)
    if (known !== undefined) return known
    server.version += 1
    for (const [name, value] of Object.entries(sent.patch)) {
      const clash = (server.changed.get(name) ?? 0) > (sent.base ?? 0) && server.values[name] !== value
      if (clash) server.conflicts.push(value)
      else {
        if (server.values[name] !== undefined) history.add(server.values[name])
        server.values[name] = value
        server.changed.set(name, server.version)
      }
    }
    server.commands.set(sent.id, server.version)
    return server.version
  }
  const history = new Set<unknown>()
  const devices = [0, 1].map(() => ({ items: [] as Item[], seen: 1 }))
  const written: unknown[] = []
  const replaced = new Set<unknown>()
  let now = 0

  const step = (isLast: boolean) => {
    now += 1_000_000
    const device = devices[dice(2)]
    if (device === undefined) return
    const kind = isLast ? 1 : dice(3)
    if (kind === 0) {
      const value = `v${written.length}`
      const name = `f${dice(3)}`
      const before = pendingOf(device.items, 'r')?.patch[name]
      const added = item(`c${written.length}`, { [name]: value }, { base: device.seen })
      const merges = withItem(device.items, added).length === device.items.length
      // A person who writes over their own unsent words means the later ones.
      if (merges && before !== undefined) replaced.add(before)
      written.push(value)
      device.items = withItem(device.items, added)
    } else if (kind === 1) {
      const [next] = due(device.items, now)
      if (next === undefined) return
      device.items = begun(device.items, next.id)
      const fate = isLast ? 2 : dice(3)
      const sent = device.items.find((one) => one.id === next.id) ?? next
      const version = fate === 0 ? null : receive(sent)
      const outcome: Outcome = fate === 2 && version !== null ? { is: 'sent', version } : { is: 'later', wait: null }
      device.items = after(device.items, next.id, outcome, now, dice(100) / 100)
    } else if (device.items.length === 0) device.seen = server.version
  }
  for (let count = 0; count < 40; count += 1) step(false)
  for (let count = 0; count < 200; count += 1) step(true)

  expect(devices.flatMap((device) => device.items)).toEqual([])
  const safe = new Set([...Object.values(server.values), ...server.conflicts, ...history, ...replaced])
  expect(written.filter((value) => !safe.has(value)), `seed ${seed}`).toEqual([])
}

it('what names a record that the server does not know yet waits for it', () => {
  const items = [item('1', {}, { isNew: true, recordId: 'case' }), item('2', { incident_case_id: 'case' }, { isNew: true, recordId: 'incident' })]
  expect(due(items, 0).map((one) => one.id)).toEqual(['1'])
  expect(due(after(items, '1', refused, 0, 0), 0)).toEqual([])
  expect(due(after(items, '1', { is: 'sent', version: 1 }, 0, 0), 0).map((one) => one.id)).toEqual(['2'])
})

it('acts stay themselves, wait for the record, and their words are joined, never lost', () => {
  const flag = (message: string) => ({ is: 'flag', message, date: '2026-01-01' }) as const
  const items = [item('1', { a: 1 }, { isNew: true }), item('2', {}, { act: flag('look') })].reduce<Item[]>(withItem, [])
  const more = withItem(items, item('3', { a: 2 }))
  expect(more.map((one) => [one.id, one.act?.is])).toEqual([['1', undefined], ['2', 'flag'], ['3', undefined]])
  expect(due(more, 0).map((one) => one.id)).toEqual(['1'])
  expect(pendingOf(more, 'r')?.patch).toEqual({ a: 2 })
  const draft = (words: string): Draft => ({ id: 'r/flag', of: 'r', act: flag(words), type: 'case', module: null, base: 1, patch: {}, isNew: false, savedAt: '' })
  expect(joined(draft('first'), draft('second')).act).toEqual(flag('first\nsecond'))
  expect([recordOf(draft('')), actDraftId('r', { is: 'unflag', flag: 7, message: '' })]).toEqual(['r', 'r/unflag/7'])
  const [path, call] = requestOf(more[1] as Item)
  expect([path, call.method, call.body, call.baseVersion]).toEqual(['/api/v2/cases/r/flags', 'POST', { data: { message: 'look', date: '2026-01-01' } }, undefined])
})
