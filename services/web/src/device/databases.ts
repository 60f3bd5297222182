/** The databases on this device. Everything in them but keys' wrappings and ids is sealed. */
import type { Dexie, EntityTable, Table } from 'dexie'
import type { Sealed, Wrapped } from './seal'

/** One person's key on this device; a new generation is made when the password was changed elsewhere. */
export interface Vault {
  id: string
  partition: string
  generation: number
  wrapped: Wrapped
}

export interface Row extends Sealed {
  id: string
}

export const TABLES = ['kept', 'drafts', 'outbox', 'records'] as const
export type TableName = (typeof TABLES)[number]

export type VaultsDatabase = Dexie & { vaults: EntityTable<Vault, 'id'> }

/** Loaded with the first sign-in, not with the page. */
const dexie = () => import('dexie')

export async function vaultsDatabase(): Promise<VaultsDatabase> {
  const { Dexie: Database } = await dexie()
  const database = new Database('amparo-vaults') as VaultsDatabase
  database.version(1).stores({ vaults: 'id, partition' })
  return database
}

export async function partitionDatabase(vault: string): Promise<Dexie> {
  const { Dexie: Database } = await dexie()
  const database = new Database(`amparo-${vault}`)
  database.version(1).stores(Object.fromEntries(TABLES.map((name) => [name, 'id'])))
  return database
}

export const rows = (database: Dexie, table: TableName): Table<Row, string> => database.table(table)
