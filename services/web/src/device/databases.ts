/** The databases on this device. Everything in them but keys' wrappings and ids is sealed. */
import { Database } from './indexed'
import type { Sealed, Wrapped } from './seal'

/** One person's key on this device; a new generation is made when the password was changed elsewhere. */
export interface Vault {
  id: string
  partition: string
  generation: number
  /** Nothing after a wipe: then only the server's recovery opens what was not sent. */
  wrapped: Wrapped | null
  /** The same key under a short PIN, and how many wrong ones are left before the device is wiped. */
  pin?: { wrapped: Wrapped; left: number }
  /** The same key under the server's public one: opened again by the server for the same person. */
  recovery?: Recovery
  /** By this secret the server knows the person's part of this device, to order that it be wiped. */
  device?: string
  /** The day on which the server was told of the device last. */
  met?: string
}

export interface Recovery {
  keyId: string
  /** In the form that the server takes it back in. */
  wrapped: string
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

const VAULTS = 'amparo-vaults'

/** Asks the browser alone, since most starts need no database. */
export async function hasVaults(): Promise<boolean> {
  return (await indexedDB.databases()).some((database) => database.name === VAULTS)
}

let opened: Promise<Database> | undefined

const vaultsDatabase = (): Promise<Database> => (opened ??= Database.open(VAULTS, ['vaults', 'marks']))

/** The keys of this device, each wrapped. */
export const vaults = {
  get: async (id: string) => (await vaultsDatabase()).get<Vault>('vaults', id),
  /** A person's, the newest first. */
  of: async (partition: string) =>
    (await (await vaultsDatabase()).all<Vault>('vaults')).filter((vault) => vault.partition === partition).sort((one, other) => other.generation - one.generation),
  all: async () => (await vaultsDatabase()).all<Vault>('vaults'),
  put: async (vault: Vault) => (await vaultsDatabase()).put('vaults', vault),
  remove: async (id: string) => (await vaultsDatabase()).remove('vaults', id),
  last: async () => (await (await vaultsDatabase()).get<Mark>('marks', 'last'))?.vault ?? null,
  markLast: async (vault: string) => (await vaultsDatabase()).put('marks', { id: 'last', vault } satisfies Mark),
  forgetLast: async () => (await vaultsDatabase()).remove('marks', 'last'),
}

const nameOf = (vault: string) => `amparo-${vault}`

export const openPartition = (vault: string): Promise<Database> => Database.open(nameOf(vault), TABLES)
export const deletePartition = (vault: string): Promise<void> => Database.delete(nameOf(vault))
