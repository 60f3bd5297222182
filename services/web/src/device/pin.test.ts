import 'fake-indexeddb/auto'
import { beforeEach, expect, it, vi } from 'vitest'
import type { Draft } from '~/outbox/model'
import { vaults } from './databases'
import { joined } from '~/outbox/model'
import { bringBack, formerWork } from './former'
import { PIN_TRIES, faultOfPin, hasPin, normal, pinTriesLeft, removePin, setPin, unlockWithPin } from './pin'
import { closeStore, deviceStore, openStore, prepareStore } from './store'

// What is tried here is the course of events, not the cost of a guess.
vi.mock('./seal', async (original) => {
  const seal = await original<typeof import('./seal')>()
  return { ...seal, newDataKey: (password: string) => seal.newDataKey(password, 1_000) }
})
const QUICK = 1_000
const PIN = '481516'
const memory = new Map<string, string>()
vi.stubGlobal('localStorage', { getItem: (key: string) => memory.get(key) ?? null, setItem: (key: string, value: string) => memory.set(key, value), removeItem: (key: string) => memory.delete(key) })
vi.stubGlobal('location', { host: 'a.example' })

const draft = (id: string, patch: Draft['patch']): Draft => ({ id, type: 'case', module: null, base: 1, patch, isNew: false, savedAt: '' })
let person = 0
let name = ''
const signIn = async (password: string) => openStore(await prepareStore(name, password))

beforeEach(() => {
  closeStore()
  memory.clear()
  name = `person-${(person += 1)}`
})

it.each([['12345', 'short'], ['abcdef', 'short'], ['111111', 'simple'], ['123456', 'simple'], ['987654', 'simple'], [PIN, null], ['٤٨١٥١٦', null]])('%s as a PIN: %s', (pin, fault) => expect(faultOfPin(pin)).toBe(fault))

it('opens what the password sealed, whatever digits it is written with, and only after the password was shown', async () => {
  await (await signIn('one')).put('drafts', '1', draft('1', { a: 1 }))
  expect(await setPin('other', PIN, QUICK)).toBe(false)
  expect(await setPin('one', PIN, QUICK)).toBe(true)
  closeStore()
  const outcome = await unlockWithPin('٤٨١٥١٦')
  expect(outcome.is).toBe('open')
  expect(await deviceStore()?.get<Draft>('drafts', '1')).toMatchObject({ patch: { a: 1 } })
  expect(normal(' ٤٨ ')).toBe('48')
})

it('counts wrong ones, and begins anew after a right one', async () => {
  await signIn('one')
  await setPin('one', PIN, QUICK)
  closeStore()
  expect(await unlockWithPin('000001')).toEqual({ is: 'wrong', left: PIN_TRIES - 1 })
  expect(await pinTriesLeft()).toBe(PIN_TRIES - 1)
  await unlockWithPin(PIN)
  expect(await pinTriesLeft()).toBe(PIN_TRIES)
})

it('too many wrong ones wipe what can be read; unsent work stays sealed, and opens with the password', async () => {
  const store = await signIn('one')
  await store.put('records', 'r', { secret: true })
  await store.put('kept', 'user', { name })
  await store.put('drafts', '1', draft('1', { a: 1 }))
  await store.put('outbox', '2', { id: '2' })
  await setPin('one', PIN, QUICK)
  closeStore()
  for (let at = 1; at < PIN_TRIES; at += 1) expect((await unlockWithPin('000001')).is).toBe('wrong')
  expect(await unlockWithPin('000001')).toEqual({ is: 'wiped' })
  expect(await unlockWithPin(PIN)).toEqual({ is: 'wiped' })
  const again = await signIn('one')
  expect([await again.ids('records'), await again.ids('kept'), await again.ids('drafts'), await again.ids('outbox')]).toEqual([[], [], ['1'], ['2']])
  expect(await hasPin()).toBe(false)
})

it('goes when it is taken away', async () => {
  await signIn('one')
  await setPin('one', PIN, QUICK)
  await removePin()
  expect([await hasPin(), await pinTriesLeft()]).toEqual([false, null])
})

it('work under a former password comes back with it, and joins what was begun since', async () => {
  await (await signIn('old')).put('drafts', '1', draft('1', { a: 'then', b: 'then' }))
  await deviceStore()?.put('outbox', '2', { id: '2' })
  const store = await signIn('new')
  await store.put('drafts', '1', draft('1', { a: 'now' }))
  const [former] = await formerWork()
  expect(former?.count).toBe(2)
  expect(await bringBack(former!.vault, 'wrong')).toBe(false)
  expect(await bringBack(former!.vault, 'old')).toBe(true)
  expect((await store.get<Draft>('drafts', '1'))?.patch).toEqual({ a: 'now', b: 'then' })
  expect([await store.ids('outbox'), await formerWork()]).toEqual([['2'], []])
  expect(await vaults.of(store.vault.split('-')[0] ?? '')).toHaveLength(1)
})

it('a former part opens with its PIN too', async () => {
  await (await signIn('old')).put('drafts', '1', draft('1', {}))
  await setPin('old', PIN, QUICK)
  await signIn('new')
  const [former] = await formerWork()
  expect(await bringBack(former!.vault, PIN)).toBe(true)
})

it('what was new stays new', () => {
  expect(joined({ ...draft('1', {}), isNew: true, base: undefined }, draft('1', {})).isNew).toBe(true)
})
