/**
 * Sealing on the device: AES-GCM under a random data key, which lies wrapped under a key that is
 * derived from the password and exists only while somebody is signed in.
 */

/** As OWASP advises for PBKDF2 with SHA-256. */
export const ITERATIONS = 600_000

export interface Sealed {
  iv: Uint8Array<ArrayBuffer>
  data: ArrayBuffer
}

export interface Wrapped extends Sealed {
  salt: Uint8Array<ArrayBuffer>
  iterations: number
}

const utf8 = new TextEncoder()
const text = new TextDecoder()
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))

async function wrappingKey(password: string, salt: BufferSource, iterations: number): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', utf8.encode(password.normalize('NFC')), 'PBKDF2', false, ['deriveKey'])
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations }
  return crypto.subtle.deriveKey(how, material, { name: 'AES-GCM', length: 256 }, false, ['wrapKey', 'unwrapKey'])
}

/** A new data key and its wrapping; the key itself can not be exported again. */
export async function newDataKey(password: string, iterations = ITERATIONS): Promise<{ key: CryptoKey; wrapped: Wrapped }> {
  const salt = random(16)
  const iv = random(12)
  const outer = await wrappingKey(password, salt, iterations)
  const fresh = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt'])
  const data = await crypto.subtle.wrapKey('raw', fresh, outer, { name: 'AES-GCM', iv })
  const bytes = await crypto.subtle.exportKey('raw', fresh)
  const key = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
  new Uint8Array(bytes).fill(0)
  return { key, wrapped: { salt, iv, iterations, data } }
}

/** The data key, or nothing when the password is another one. */
export async function unwrapDataKey(password: string, wrapped: Wrapped | null): Promise<CryptoKey | null> {
  if (wrapped === null) return null
  const outer = await wrappingKey(password, wrapped.salt, wrapped.iterations)
  const how = { name: 'AES-GCM', iv: wrapped.iv }
  return crypto.subtle
    .unwrapKey('raw', wrapped.data, outer, how, { name: 'AES-GCM' }, false, ['encrypt', 'decrypt'])
    .catch(() => null)
}

/** The same data key under another secret; nothing when the first secret is wrong. */
export async function rewrapDataKey(secret: string, wrapped: Wrapped | null, next: string, iterations: number): Promise<Wrapped | null> {
  const fresh = await bareDataKey(secret, wrapped)
  if (fresh === null) return null
  const [salt, iv] = [random(16), random(12)]
  const outer = await wrappingKey(next, salt, iterations)
  return { salt, iv, iterations, data: await crypto.subtle.wrapKey('raw', fresh, outer, { name: 'AES-GCM', iv }) }
}

/** The data key in a form that can be wrapped again; nothing when the secret is wrong. */
export async function bareDataKey(secret: string, wrapped: Wrapped | null): Promise<CryptoKey | null> {
  if (wrapped === null) return null
  const inner = await wrappingKey(secret, wrapped.salt, wrapped.iterations)
  return crypto.subtle
    .unwrapKey('raw', wrapped.data, inner, { name: 'AES-GCM', iv: wrapped.iv }, { name: 'AES-GCM' }, true, ['encrypt', 'decrypt'])
    .catch(() => null)
}

/** Seals a value for one place: moved to another place it does not open. */
export async function seal(key: CryptoKey, place: string, value: unknown): Promise<Sealed> {
  const iv = random(12)
  const plain = utf8.encode(JSON.stringify(value))
  const how = { name: 'AES-GCM', iv, additionalData: utf8.encode(place) }
  return { iv, data: await crypto.subtle.encrypt(how, key, plain) }
}

export async function unseal<T>(key: CryptoKey, place: string, sealed: Sealed): Promise<T> {
  const how = { name: 'AES-GCM', iv: sealed.iv, additionalData: utf8.encode(place) }
  return JSON.parse(text.decode(await crypto.subtle.decrypt(how, key, sealed.data))) as T
}

/** A name for a person's part of the device that does not tell who it is. */
export async function partitionOf(host: string, userName: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', utf8.encode(`${host}\n${userName.trim().toLowerCase()}`))
  return [...new Uint8Array(bytes).slice(0, 12)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
