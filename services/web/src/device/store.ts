/** One person's sealed part of this device, open while they are signed in and the app is unlocked. */
import { type Row, type TableName, type Vault, hasVaults, openPartition, vaults } from './databases'
import type { Database } from './indexed'
import { newDataKey, partitionOf, seal, unseal, unwrapDataKey } from './seal'

export class DeviceStore {
  constructor(
    private readonly database: Database,
    private readonly key: CryptoKey,
    readonly vault: string,
  ) {}

  async put(table: TableName, id: string, value: unknown): Promise<void> {
    await this.database.put(table, await this.row(table, id, value))
  }

  /** Many values of one table at once: one waiting for the disk instead of many. */
  async putAll(table: TableName, values: [string, unknown][]): Promise<void> {
    const sealed = await Promise.all(values.map(([id, value]) => this.row(table, id, value)))
    await this.database.write([table], (batch) => sealed.forEach((row) => batch.put(table, row)))
  }

  async get<T>(table: TableName, id: string): Promise<T | undefined> {
    const row = await this.database.get<Row>(table, id)
    return row === undefined ? undefined : unseal<T>(this.key, `${table}/${id}`, row)
  }

  async all<T>(table: TableName): Promise<T[]> {
    const found = await this.database.all<Row>(table)
    return Promise.all(found.map((row) => unseal<T>(this.key, `${table}/${row.id}`, row)))
  }

  ids(table: TableName): Promise<string[]> {
    return this.database.ids(table)
  }

  delete(table: TableName, id: string): Promise<void> {
    return this.database.remove(table, id)
  }

  deleteAll(table: TableName, ids: string[]): Promise<void> {
    return this.database.write([table], (batch) => ids.forEach((id) => batch.remove(table, id)))
  }

  /** Puts one thing and takes another away, both or neither. */
  async replace(put: [TableName, string, unknown], gone: [TableName, string]): Promise<void> {
    const row = await this.row(...put)
    await this.database.write([put[0], gone[0]], (batch) => {
      batch.put(put[0], row)
      batch.remove(...gone)
    })
  }

  private async row(table: TableName, id: string, value: unknown): Promise<Row> {
    return { id, ...(await seal(this.key, `${table}/${id}`, value)) }
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
  return vaults.last()
}

export async function forgetLastVault(): Promise<void> {
  localStorage.removeItem(LAST)
  if (await hasVaults()) await vaults.forgetLast()
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
  const known = await vaults.of(partition)
  for (const vault of known) {
    const key = await unwrapDataKey(password, vault.wrapped)
    if (key !== null) return { vault, key, isNew: false }
  }
  // The password is new: what lies under the former one stays sealed and untouched.
  const generation = (known[0]?.generation ?? 0) + 1
  const { key, wrapped } = await newDataKey(password)
  const device = known.find((vault) => vault.wrapped !== null)?.device
  return { vault: { id: `${partition}-${generation}`, partition, generation, wrapped, ...(device !== undefined && { device }) }, key, isNew: true }
}

/** After a sign-in that the server accepted. */
export async function openStore({ vault, key, isNew }: Prepared): Promise<DeviceStore> {
  if (isNew) await vaults.put(vault)
  return holdStore(vault, key)
}

/** Without the server: opens the part that was open last, if the password is its. */
export async function unlockStore(password: string): Promise<DeviceStore | null> {
  const id = await lastVault()
  const vault = id === null ? undefined : await vaults.get(id)
  if (vault === undefined) return null
  const key = await unwrapDataKey(password, vault.wrapped)
  return key === null ? null : holdStore(vault, key)
}

export async function holdStore(vault: Vault, key: CryptoKey): Promise<DeviceStore> {
  open?.close()
  open = new DeviceStore(await openPartition(vault.id), key, vault.id)
  localStorage.setItem(LAST, vault.id)
  await vaults.markLast(vault.id)
  return open
}

/** Forgets the key; what is on the device stays sealed. */
export function closeStore(): void {
  open?.close()
  open = null
}
