import { expect, it } from 'vitest'
import { type Told, eventReader } from './events'
import { waitBefore } from './stream'

const STREAM = 'retry: 4000\n\n: \nid: 7\nevent: hello\ndata: {"lifetime": 900}\n\nid: 8\r\nevent: changed\r\ndata: {"record_type": "case",\r\ndata: "id": "x"}\r\n\r\nevent: odd\ndata: [no\n\nid: 9\nevent: half'

it('reads events from pieces of any size, and knows where it was', () => {
  for (let size = 1; size < STREAM.length; size += 7) {
    const told: Told[] = []
    const reader = eventReader((event) => told.push(event))
    for (let at = 0; at < STREAM.length; at += size) reader.feed(STREAM.slice(at, at + size))
    expect(told).toEqual([{ name: 'hello', data: { lifetime: 900 } }, { name: 'changed', data: { record_type: 'case', id: 'x' } }, { name: 'odd', data: {} }])
    expect(reader.lastId).toBe('9')
  }
})

it('waits longer each time, never all at once, and not for ever', () => {
  expect([waitBefore(0, 0), waitBefore(0, 1)]).toEqual([500, 1_000])
  expect([waitBefore(3, 0), waitBefore(3, 1)]).toEqual([4_000, 8_000])
  expect(waitBefore(40, 1)).toBe(60_000)
})
