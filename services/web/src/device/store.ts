/** One person's sealed part of this device, open while they are signed in and the app is unlocked. */
import type { Dexie } from 'dexie'
import { type TableName, type Vault, hasVaults, partitionDatabase, rows, vaultsDatabase } from './databases'
import { newDataKey, partitionOf, seal, unseal, unwrapDataKey } from './seal'

export class DeviceStore {
  constructor(
    private readonly database: Dexie,
    private readonly key: CryptoKey,
    readonly vault: string,
  ) {}

  async put(table: TableName, id: string, value: unknown): Promise<void> {
    const sealed = await seal(this.key, `${table}/${id}`, value)
    await rows(this.database, table).put({ id, ...sealed })
  }

  async get<T>(table: TableName, id: string): Promise<T | undefined> {
    const row = await rows(this.database, table).get(id)
    return row === undefined ? undefined : unseal<T>(this.key, `${table}/${id}`, row)
  }

  async all<T>(table: TableName): Promise<T[]> {
    const found = await rows(this.database, table).toArray()
    return Promise.all(found.map((row) => unseal<T>(this.key, `${table}/${row.id}`, row)))
  }

  async ids(table: TableName): Promise<string[]> {
    return rows(this.database, table).toCollection().primaryKeys()
  }

  async delete(table: TableName, id: string): Promise<void> {
    await rows(this.database, table).delete(id)
  }

  /** Puts one thing and takes another away, both or neither. */
  async replace(put: [TableName, string, unknown], gone: [TableName, string]): Promise<void> {
    const [table, id, value] = put
    const sealed = await seal(this.key, `${table}/${id}`, value)
    await this.database.transaction('rw', [table, gone[0]], async () => {
      await rows(this.database, table).put({ id, ...sealed })
      await rows(this.database, gone[0]).delete(gone[1])
    })
  }

  close(): void {
    this.database.close()
  }
}

let open: DeviceStore | null = null
const LAST = 'amparo-last'

/** The store of whoever is signed in; nothing while the app is locked. */
export const deviceStore = (): DeviceStore | null => open

/** Whether somebody's part can be unlocked, as far as is known at once. */
export const surelyHasLastVault = (): boolean => localStorage.getItem(LAST) !== null

/** The part that was open last. The browser writes its small store late: after a crash the database knows. */
export async function lastVault(): Promise<string | null> {
  const known = localStorage.getItem(LAST)
  if (known !== null || !(await hasVaults())) return known
  return (await (await vaultsDatabase()).marks.get('last'))?.vault ?? null
}

export async function forgetLastVault(): Promise<void> {
  localStorage.removeItem(LAST)
  if (await hasVaults()) await (await vaultsDatabase()).marks.delete('last')
}

/** A person's part of the device, found or made, and not open yet. */
export interface Prepared {
  vault: Vault
  key: CryptoKey
  isNew: boolean
}

/** Deriving a key takes a while: it is done while the server looks at the password too. */
export async function prepareStore(userName: string, password: string): Promise<Prepared> {
  const partition = await partitionOf(location.host, userName)
  const vaults = await vaultsDatabase()
  const known = (await vaults.vaults.where({ partition }).sortBy('generation')).reverse()
  for (const vault of known) {
    const key = await unwrapDataKey(password, vault.wrapped)
    if (key !== null) return { vault, key, isNew: false }
  }
  // The password is new: what lies under the former one stays sealed and untouched.
  const generation = (known[0]?.generation ?? 0) + 1
  const { key, wrapped } = await newDataKey(password)
  return { vault: { id: `${partition}-${generation}`, partition, generation, wrapped }, key, isNew: true }
}

/** After a sign-in that the server accepted. */
export async function openStore({ vault, key, isNew }: Prepared): Promise<DeviceStore> {
  if (isNew) await (await vaultsDatabase()).vaults.put(vault)
  return holdStore(vault, key)
}

/** Without the server: opens the part that was open last, if the password is its. */
export async function unlockStore(password: string): Promise<DeviceStore | null> {
  const id = await lastVault()
  const vault = id === null ? undefined : await (await vaultsDatabase()).vaults.get(id)
  if (vault === undefined) return null
  const key = await unwrapDataKey(password, vault.wrapped)
  return key === null ? null : holdStore(vault, key)
}

export async function holdStore(vault: Vault, key: CryptoKey): Promise<DeviceStore> {
  open?.close()
  open = new DeviceStore(await partitionDatabase(vault.id), key, vault.id)
  localStorage.setItem(LAST, vault.id)
  await (await vaultsDatabase()).marks.put({ id: 'last', vault: vault.id })
  return open
}

/** Forgets the key; what is on the device stays sealed. */
export function closeStore(): void {
  open?.close()
  open = null
}
