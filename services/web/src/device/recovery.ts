/**
 * The data key under the server's public key, for work that nobody's password opens any more. The
 * server opens it for the same person only, who has just shown who they are.
 */
import { call } from '~/api/client'
import { type Vault, vaults } from './databases'
import { bareDataKey } from './seal'
import { deviceStore } from './store'

const INFO = 'amparo recovery 1'
const CURVE = { name: 'ECDH', namedCurve: 'P-256' } as const

const utf8 = new TextEncoder()
const bytesOf = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
const textOf = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes))
const together = (...parts: ArrayBuffer[]) => Uint8Array.from(parts.flatMap((part) => [...new Uint8Array(part)]))

/** Seals the key to the server, bound to the person: whoever else asks for it gets nothing. */
export async function wrapForServer(key: ArrayBuffer, publicKey: string, userId: number): Promise<string> {
  const server = bytesOf(publicKey)
  const theirs = await crypto.subtle.importKey('raw', server, CURVE, false, [])
  const own = await crypto.subtle.generateKey(CURVE, false, ['deriveBits'])
  const point = await crypto.subtle.exportKey('raw', own.publicKey)
  const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, own.privateKey, 256)
  const material = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey'])
  const how = { name: 'HKDF', hash: 'SHA-256', salt: together(point, server.buffer), info: utf8.encode(INFO) }
  const once = await crypto.subtle.deriveKey(how, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt'])
  // The key is used for this one message: its counter may begin at nothing.
  const sealing = { name: 'AES-GCM', iv: new Uint8Array(12), additionalData: utf8.encode(`${INFO}\n${userId}`) }
  return textOf(together(point, await crypto.subtle.encrypt(sealing, once, key)))
}

/** Once for each key of the device, while the password is at hand. */
export async function addRecovery(password: string, userId: number): Promise<void> {
  const id = deviceStore()?.vault
  const vault = id === undefined ? undefined : await vaults.get(id)
  if (vault === undefined || vault.recovery !== undefined) return
  const { data } = await call<{ id: string; public_key: string }>('/api/amparo/v1/recovery_key')
  const bare = await bareDataKey(password, vault.wrapped)
  if (bare === null) return
  const bytes = await crypto.subtle.exportKey('raw', bare)
  const wrapped = await wrapForServer(bytes, data.public_key, userId)
  new Uint8Array(bytes).fill(0)
  const now = await vaults.get(vault.id)
  if (now !== undefined) await vaults.put({ ...now, recovery: { keyId: data.id, wrapped } })
}

/** The data key of a part, as the server opens it for whoever is signed in. */
export async function recoveredKey({ recovery }: Vault): Promise<CryptoKey | null> {
  if (recovery === undefined) return null
  const body = { data: { key_id: recovery.keyId, wrapped: recovery.wrapped } }
  const { data } = await call<{ key: string }>('/api/amparo/v1/recovery', { method: 'POST', body })
  return crypto.subtle.importKey('raw', bytesOf(data.key), 'AES-GCM', false, ['encrypt', 'decrypt'])
}
