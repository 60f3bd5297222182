/**
 * The browser's database with promises instead of events: as much of it as sealed rows under ids
 * need. A transaction is asked for all that it does at once, so that it cannot end too early.
 */

/** As the databases of earlier versions of the app count theirs. */
const VERSION = 20
/** What is written is on the disk itself, not in the system's memory: batteries die. */
const DURABLE: IDBTransactionOptions = { durability: 'strict' }

/** Several writes that happen together or not at all. */
export interface Batch {
  put(table: string, row: { id: string }): void
  remove(table: string, id: string): void
  clear(table: string): void
}

export class Database {
  private constructor(private readonly opened: IDBDatabase) {
    // Another tab deletes or renews it: this one must not hold it up.
    opened.onversionchange = () => opened.close()
  }

  static open(name: string, tables: readonly string[]): Promise<Database> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(name, VERSION)
      request.onupgradeneeded = () => {
        for (const table of tables) {
          if (!request.result.objectStoreNames.contains(table)) request.result.createObjectStore(table, { keyPath: 'id' })
        }
      }
      request.onsuccess = () => resolve(new Database(request.result))
      request.onerror = () => reject(request.error ?? new Error('the device keeps nothing'))
    })
  }

  static delete(name: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(name)
      request.onsuccess = () => resolve()
      request.onerror = () => reject(request.error ?? new Error('the device keeps it'))
    })
  }

  get<T>(table: string, id: string): Promise<T | undefined> {
    return this.read<T | undefined>(table, (store) => store.get(id))
  }

  all<T>(table: string): Promise<T[]> {
    return this.read<T[]>(table, (store) => store.getAll())
  }

  ids(table: string): Promise<string[]> {
    return this.read<string[]>(table, (store) => store.getAllKeys())
  }

  count(table: string): Promise<number> {
    return this.read<number>(table, (store) => store.count())
  }

  put<Row extends { id: string }>(table: string, row: Row): Promise<void> {
    return this.write([table], (batch) => batch.put(table, row))
  }

  remove(table: string, id: string): Promise<void> {
    return this.write([table], (batch) => batch.remove(table, id))
  }

  write(tables: string[], work: (batch: Batch) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.opened.transaction(tables, 'readwrite', DURABLE)
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error ?? new Error('the device could not write'))
      const store = (table: string) => transaction.objectStore(table)
      work({
        put: (table, row) => void store(table).put(row),
        remove: (table, id) => void store(table).delete(id),
        clear: (table) => void store(table).clear(),
      })
    })
  }

  close(): void {
    this.opened.close()
  }

  private read<T>(table: string, ask: (store: IDBObjectStore) => IDBRequest): Promise<T> {
    return new Promise((resolve, reject) => {
      const request = ask(this.opened.transaction(table, 'readonly').objectStore(table))
      request.onsuccess = () => resolve(request.result as T)
      request.onerror = () => reject(request.error ?? new Error('the device could not read'))
    })
  }
}
