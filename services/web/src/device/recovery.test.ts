import { expect, it } from 'vitest'
import { wrapForServer } from './recovery'

const CURVE = { name: 'ECDH', namedCurve: 'P-256' } as const
const utf8 = new TextEncoder()
const base64 = (bytes: ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(bytes)))

/** As the server opens it. */
async function opened(wrapped: string, server: CryptoKeyPair, userId: number): Promise<Uint8Array> {
  const bytes = Uint8Array.from(atob(wrapped), (letter) => letter.charCodeAt(0))
  expect(bytes.length).toBe(113)
  const point = bytes.slice(0, 65)
  const theirs = await crypto.subtle.importKey('raw', point, CURVE, false, [])
  const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, server.privateKey, 256)
  const own = new Uint8Array(await crypto.subtle.exportKey('raw', server.publicKey))
  const material = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey'])
  const key = await crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: Uint8Array.from([...point, ...own]), info: utf8.encode('amparo recovery 1') }, material, { name: 'AES-GCM', length: 256 }, false, ['decrypt'])
  const how = { name: 'AES-GCM', iv: new Uint8Array(12), additionalData: utf8.encode(`amparo recovery 1\n${userId}`) }
  return new Uint8Array(await crypto.subtle.decrypt(how, key, bytes.slice(65)))
}

it('the server opens it for the same person, and for nobody else', async () => {
  const server = await crypto.subtle.generateKey(CURVE, true, ['deriveBits'])
  const key = crypto.getRandomValues(new Uint8Array(32))
  const wrapped = await wrapForServer(key.buffer, base64(await crypto.subtle.exportKey('raw', server.publicKey)), 7)
  expect(await opened(wrapped, server, 7)).toEqual(key)
  await expect(opened(wrapped, server, 8)).rejects.toThrow()
})
