/** Records that somebody chose to keep on this device, whoever owns them. */
import type { RecordType } from '~/records/kinds'
import { deviceStore } from './store'

export type Pins = Partial<Record<RecordType, string[]>>

const KEY = 'caseload/pins'
/** Of each type; the rest is read when it is opened. */
export const MOST_PINS = 100

export const pinned = async (): Promise<Pins> => (await deviceStore()?.get<Pins>('kept', KEY)) ?? {}

/** The newest choice counts where there is no room for all. */
export const withPins = (pins: Pins, type: RecordType, ids: string[]): Pins => ({ ...pins, [type]: [...new Set([...ids, ...(pins[type] ?? [])])].slice(0, MOST_PINS) })

export async function pinRecords(type: RecordType, ids: string[]): Promise<void> {
  await deviceStore()?.put('kept', KEY, withPins(await pinned(), type, ids))
}

/** What is out of reach is no longer wanted. */
export async function keepPins(type: RecordType, ids: string[]): Promise<void> {
  await deviceStore()?.put('kept', KEY, { ...(await pinned()), [type]: ids })
}
