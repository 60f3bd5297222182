import { expect, it } from 'vitest'
import { newDataKey, partitionOf, seal, unseal, unwrapDataKey } from './seal'

const QUICK = 1_000

it('opens with the password it was made with, in any way of writing it, and with no other', async () => {
  const { key, wrapped } = await newDataKey('Café-1', QUICK)
  const sealed = await seal(key, 'drafts/1', { said: 'سر' })
  const again = await unwrapDataKey('Cafe\u0301-1', wrapped)
  expect(again).not.toBeNull()
  expect(await unseal(again as CryptoKey, 'drafts/1', sealed)).toEqual({ said: 'سر' })
  expect(await unwrapDataKey('cafe-1', wrapped)).toBeNull()
})

it('does not open at another place, nor altered', async () => {
  const { key } = await newDataKey('x', QUICK)
  const sealed = await seal(key, 'drafts/1', 'text')
  await expect(unseal(key, 'drafts/2', sealed)).rejects.toThrow()
  new Uint8Array(sealed.data)[0]! ^= 1
  await expect(unseal(key, 'drafts/1', sealed)).rejects.toThrow()
})

it('neither key can be taken out', async () => {
  const { key, wrapped } = await newDataKey('x', QUICK)
  expect([key.extractable, (await unwrapDataKey('x', wrapped))?.extractable]).toEqual([false, false])
})

it('a partition does not tell whose it is, and is the same however the name is written', async () => {
  expect(await partitionOf('a.example', ' Salma ')).toBe(await partitionOf('a.example', 'salma'))
  expect(await partitionOf('b.example', 'salma')).not.toBe(await partitionOf('a.example', 'salma'))
})
