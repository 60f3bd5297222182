/**
 * A short PIN beside the password: the data key lies wrapped a second time, under a key that a far
 * more costly derivation makes of the PIN. A few wrong PINs wipe what can be read here; what was
 * not sent stays sealed, and opens with the password.
 */
import { type Vault, vaults } from './databases'
import { rewrapDataKey, unwrapDataKey } from './seal'
import { type DeviceStore, deviceStore, holdStore, lastVault } from './store'
import { wipe } from './wipe'

/** A PIN is guessed sooner than a password: each guess costs as much as a phone's owner can bear. */
export const PIN_ITERATIONS = 2_000_000
export const PIN_TRIES = 5
const SHORTEST = 6

export type PinFault = 'short' | 'simple'

/** Digits of any script count; what everybody tries first does not do. */
export function faultOfPin(pin: string): PinFault | null {
  const digits = normal(pin)
  if (!/^\d+$/.test(digits) || digits.length < SHORTEST) return 'short'
  const steps = new Set([...digits].slice(1).map((digit, at) => Number(digit) - Number(digits[at])))
  return steps.size === 1 && [-1, 0, 1].includes([...steps][0] ?? 9) ? 'simple' : null
}

/** The same PIN, however a keyboard writes its digits. */
export const normal = (pin: string): string =>
  pin.trim().replace(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0
    const zero = [0x30, 0x0660, 0x06f0, 0x0966, 0x1040].find((one) => code >= one && code <= one + 9)
    return zero === undefined ? digit : String(code - zero)
  })

/** Sets the PIN of whoever is signed in; false when the password is not theirs. */
export async function setPin(password: string, pin: string, iterations = PIN_ITERATIONS): Promise<boolean> {
  const vault = await openVault()
  if (vault === undefined) return false
  const wrapped = await rewrapDataKey(password, vault.wrapped, normal(pin), iterations)
  if (wrapped === null) return false
  await vaults.put({ ...vault, pin: { wrapped, left: PIN_TRIES } })
  return true
}

export async function removePin(): Promise<void> {
  const vault = await openVault()
  if (vault !== undefined) await putWithoutPin(vault)
}

export const hasPin = async (): Promise<boolean> => (await openVault())?.pin !== undefined

async function openVault(): Promise<Vault | undefined> {
  const id = deviceStore()?.vault
  return id === undefined ? undefined : vaults.get(id)
}

async function putWithoutPin({ pin: _gone, ...vault }: Vault): Promise<void> {
  await vaults.put(vault)
}

/** How many PINs may still be tried for the part that was open last; nothing when it has none. */
export async function pinTriesLeft(): Promise<number | null> {
  return (await vaultToUnlock())?.pin?.left ?? null
}

async function vaultToUnlock(): Promise<Vault | undefined> {
  const id = await lastVault()
  return id === null ? undefined : vaults.get(id)
}

export type PinOutcome = { is: 'open'; store: DeviceStore } | { is: 'wrong'; left: number } | { is: 'wiped' }

/** A try is counted before it is made, so that taking the battery out gains nothing. */
export async function unlockWithPin(pin: string): Promise<PinOutcome> {
  const vault = await vaultToUnlock()
  if (vault?.pin === undefined) return { is: 'wiped' }
  const left = vault.pin.left - 1
  await vaults.put({ ...vault, pin: { ...vault.pin, left } })
  const key = await unwrapDataKey(normal(pin), vault.pin.wrapped)
  if (key !== null) {
    const fresh = { ...vault, pin: { ...vault.pin, left: PIN_TRIES } }
    await vaults.put(fresh)
    return { is: 'open', store: await holdStore(fresh, key) }
  }
  if (left > 0) return { is: 'wrong', left }
  await wipe(vault)
  return { is: 'wiped' }
}
