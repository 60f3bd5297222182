/**
 * Work that was sealed under a former password. A password that was changed elsewhere does not
 * open it; the former one, or the PIN of that time, brings it into today's part of the device.
 */
import { type Draft, type Item, joined } from '~/outbox/model'
import { type Vault, deletePartition, openPartition, vaults } from './databases'
import { DeviceStore, deviceStore } from './store'
import { unwrapDataKey } from './seal'
import { normal } from './pin'
import { recoveredKey } from './recovery'
import { unsentIn } from './wipe'

export interface FormerWork {
  vault: Vault
  /** Pieces of work; what they are about is sealed. */
  count: number
}

/** Former parts of whoever is signed in that still hold unsent work. */
export async function formerWork(): Promise<FormerWork[]> {
  const open = deviceStore()?.vault
  if (open === undefined) return []
  const current = await vaults.get(open)
  if (current === undefined) return []
  const others = (await vaults.of(current.partition)).filter((vault) => vault.id !== current.id)
  const counted = await Promise.all(others.map(async (vault) => ({ vault, count: await unsentIn(vault) })))
  return counted.filter((one) => one.count > 0)
}

/** Moves the work into the open part; false when neither password nor PIN is right. */
export const bringBack = async (vault: Vault, secret: string): Promise<boolean> => moveWork(vault, await keyOf(vault, secret))

/** The same with the server's help, for whoever no longer knows either. */
export const bringBackByServer = async (vault: Vault): Promise<boolean> => moveWork(vault, await recoveredKey(vault))

async function moveWork(vault: Vault, key: CryptoKey | null): Promise<boolean> {
  const into = deviceStore()
  if (into === null || key === null) return false
  const database = await openPartition(vault.id)
  const from = new DeviceStore(database, key, vault.id)
  for (const item of await from.all<Item>('outbox')) await into.put('outbox', item.id, item)
  for (const draft of await from.all<Draft>('drafts')) await into.put('drafts', draft.id, joined(draft, await into.get<Draft>('drafts', draft.id)))
  // Everything is in its new place, on the disk: the former part may go.
  database.close()
  await deletePartition(vault.id)
  await vaults.remove(vault.id)
  return true
}

async function keyOf(vault: Vault, secret: string): Promise<CryptoKey | null> {
  const byPassword = await unwrapDataKey(secret, vault.wrapped)
  if (byPassword !== null || vault.pin === undefined || vault.pin.left <= 0) return byPassword
  await vaults.put({ ...vault, pin: { ...vault.pin, left: vault.pin.left - 1 } })
  return unwrapDataKey(normal(secret), vault.pin.wrapped)
}
