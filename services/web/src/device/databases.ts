/** The databases on this device. Everything in them but keys' wrappings and ids is sealed. */
import type { Dexie, EntityTable, Table } from 'dexie'
import type { Sealed, Wrapped } from './seal'

/** One person's key on this device; a new generation is made when the password was changed elsewhere. */
export interface Vault {
  id: string
  partition: string
  generation: number
  wrapped: Wrapped
  /** The same key under a short PIN, and how many wrong ones are left before the device is wiped. */
  pin?: { wrapped: Wrapped; left: number }
}

export interface Row extends Sealed {
  id: string
}

export const TABLES = ['kept', 'drafts', 'outbox', 'records'] as const
export type TableName = (typeof TABLES)[number]

/** Which vault was open last, so that it can be unlocked. */
export interface Mark {
  id: 'last'
  vault: string
}

export type VaultsDatabase = Dexie & { vaults: EntityTable<Vault, 'id'>; marks: EntityTable<Mark, 'id'> }

const VAULTS = 'amparo-vaults'
/** What is written is on the disk itself, not in the system's memory: batteries die. */
const DURABLE = { chromeTransactionDurability: 'strict' } as const

/** Asks the browser alone, since most starts need no database. */
export async function hasVaults(): Promise<boolean> {
  return (await indexedDB.databases()).some((database) => database.name === VAULTS)
}

/** Loaded with the first sign-in, not with the page. */
const dexie = () => import('dexie')

let vaults: Promise<VaultsDatabase> | undefined

export function vaultsDatabase(): Promise<VaultsDatabase> {
  vaults ??= dexie().then(({ Dexie: Database }) => {
    const database = new Database(VAULTS, DURABLE) as VaultsDatabase
    database.version(1).stores({ vaults: 'id, partition', marks: 'id' })
    return database
  })
  return vaults
}

export async function partitionDatabase(vault: string): Promise<Dexie> {
  const { Dexie: Database } = await dexie()
  const database = new Database(`amparo-${vault}`, DURABLE)
  database.version(1).stores(Object.fromEntries(TABLES.map((name) => [name, 'id'])))
  return database
}

export const rows = (database: Dexie, table: TableName): Table<Row, string> => database.table(table)
