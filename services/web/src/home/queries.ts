import { queryOptions } from '@tanstack/react-query'
import { call } from '~/api/client'
import { Refused, Unreachable } from '~/api/problem'
import { keptCaseload } from '~/device/caseload'
import { deviceStore } from '~/device/store'
import { type KeptRecord, typeOf } from '~/record-pages/queries'
import type { RecordType } from '~/records/kinds'
import { today } from '~/records/moments'
import { numbersOf } from './from-device'
import { type HomeNumbers, homeShape } from './shape'

export interface HomeState {
  numbers: HomeNumbers
  /** Counted on the device, since the server could not be asked. */
  fromDevice: boolean
}

const KEY = 'home/numbers'

/** One request; without a server, what it said last or what the device itself can count. */
export const homeQuery = (userName: string) =>
  queryOptions({
    queryKey: ['home', 'numbers'],
    queryFn: async ({ signal }): Promise<HomeState> => {
      try {
        const numbers = homeShape.parse((await call<unknown>('/api/amparo/v1/home', { signal })).data)
        void deviceStore()?.put('kept', KEY, numbers).catch(() => undefined)
        return { numbers, fromDevice: false }
      } catch (error) {
        if (!(error instanceof Unreachable) && !(error instanceof Refused && error.status === 404)) throw error
        return { numbers: await counted(userName), fromDevice: true }
      }
    },
  })

/** The caseload's numbers are newer than what the server said last; its boards only the server can count. */
async function counted(userName: string): Promise<HomeNumbers> {
  const kept = await keptRecords()
  const mine = (type: RecordType) => kept.filter((one) => typeOf(one) === type && one.data.owned_by === userName).map((one) => one.data)
  const last = await deviceStore()?.get<HomeNumbers>('kept', KEY)
  if ((await keptCaseload()) === null) return last ?? { as_of: '' }
  const at = kept.map((one) => one.at).sort().at(-1) ?? new Date().toISOString()
  const own = numbersOf(mine('case'), mine('incident'), today(), at)
  if (last === undefined) return own
  // Whoever looks after a team has few cases of their own: then the server's last word says more.
  return mine('case').length === 0 ? last : { ...own, dashboards: last.dashboards }
}

const keptRecords = async (): Promise<KeptRecord[]> => (await deviceStore()?.all<KeptRecord>('records')) ?? []

/** Own cases that are on this device; asked anew when the caseload was renewed. */
export const ownCasesQuery = (userName: string, renewed: string | undefined) =>
  queryOptions({
    queryKey: ['home', 'own', renewed ?? ''],
    queryFn: async () => (await keptRecords()).filter((one) => typeOf(one) === 'case' && one.data.owned_by === userName).map((one) => one.data),
    placeholderData: (previous) => previous,
  })
