/**
 * Orders of the server to empty a person's part of this device: asked for when the app starts,
 * before anybody has unlocked it, and met in any answer while somebody is at work.
 */
import { call } from '~/api/client'
import { type Vault, deletePartition, hasVaults, vaults } from './databases'
import { labelOfDevice } from './label'
import { closeStore, deviceStore } from './store'
import { unsentIn, wipe } from './wipe'

const PATIENCE = 6_000
/** Unlocking waits no longer than this for the server's word. */
const BEFORE_UNLOCKING = 1_500

const as = (secret: string) => ({ headers: { 'amparo-device': secret }, patience: PATIENCE })

/** Makes the open part known to the server, once a day; true where it has to be wiped. */
export async function meetDevice(today: string): Promise<boolean> {
  const id = deviceStore()?.vault
  const vault = id === undefined ? undefined : await vaults.get(id)
  if (vault === undefined || vault.met === today) return false
  const device = vault.device ?? newSecret()
  await vaults.put({ ...vault, device })
  const { data } = await call<{ wipe: boolean }>('/api/amparo/v1/devices', { method: 'POST', body: { data: { label: labelOfDevice() } }, ...as(device) })
  if (!data.wipe) await changed(vault.id, { met: today })
  return data.wipe
}

async function changed(id: string, change: Partial<Vault>): Promise<void> {
  const vault = await vaults.get(id)
  if (vault !== undefined) await vaults.put({ ...vault, ...change })
}

const newSecret = (): string => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24)))).replaceAll('+', '-').replaceAll('/', '_')

let asking: Promise<unknown> | null = null

/** Asks for every part of this device, and obeys; the ids of parts that are empty now. */
export function obeyOrders(): Promise<string[]> {
  const asked = askAll()
  asking = asked.catch(() => undefined)
  return asked
}

/** Resolves when the server has said whether this device may be opened, or does not answer in time. */
export const ordersAsked = (): Promise<unknown> => Promise.race([asking, new Promise((resolve) => setTimeout(resolve, BEFORE_UNLOCKING))])

async function askAll(): Promise<string[]> {
  // Most starts need no database.
  if (!(await hasVaults())) return []
  const known = await vaults.all()
  const wiped: string[] = []
  for (const secret of new Set(known.flatMap((vault) => vault.device ?? []))) {
    const { data } = await call<{ wipe: boolean }>('/api/amparo/v1/devices/order', as(secret))
    if (data.wipe) wiped.push(...(await obey(known.filter((vault) => vault.device === secret))))
  }
  return wiped
}

/** The part that is open has met an order. */
export async function obeyHere(): Promise<void> {
  const open = deviceStore()?.vault
  const vault = open === undefined ? undefined : await vaults.get(open)
  closeStore()
  if (vault !== undefined) await obey((await vaults.all()).filter((one) => one.id === vault.id || (one.device !== undefined && one.device === vault.device)))
}

/** Empties the parts, then tells the server; what could not be told is told at the next start. */
async function obey(parts: Vault[]): Promise<string[]> {
  for (const vault of parts) {
    if (deviceStore()?.vault === vault.id) closeStore()
    const { pin: _pin, ...rest } = await wipe(vault)
    await vaults.put({ ...rest, wrapped: rest.recovery === undefined ? rest.wrapped : null })
  }
  const secret = parts[0]?.device
  const isTold = secret === undefined || (await tell(secret).then(() => true, () => false))
  for (const vault of isTold ? parts : []) {
    const { device: _device, met: _met, ...rest } = (await vaults.get(vault.id)) ?? vault
    if ((await unsentIn(vault)) > 0) await vaults.put(rest)
    else {
      await deletePartition(vault.id)
      await vaults.remove(vault.id)
    }
  }
  return parts.map((vault) => vault.id)
}

async function tell(secret: string): Promise<void> {
  // Any answer sets the token that a write needs.
  if (!document.cookie.includes('CSRF-TOKEN=')) await call('/health/server', { query: { session: true } })
  await call('/api/amparo/v1/devices/wiped', { method: 'POST', body: {}, ...as(secret) })
}
