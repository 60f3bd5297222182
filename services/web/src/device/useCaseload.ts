import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { createContext, useCallback, useContext, useEffect, useRef, useState } from 'react'
import { isFieldMode } from '~/api/field-mode'
import { Unreachable } from '~/api/problem'
import { formsQuery, lookupsQuery, placesQuery, settingsQuery } from '~/api/queries'
import { useSession } from '~/session/session'
import { isLive } from '~/live/heard'
import { KINDS } from '~/records/kinds'
import { type Caseload, type Renewed, keptCaseload, renewCaseload } from './caseload'

export interface CaseloadState {
  caseload: Caseload | null
  busy: boolean
  /** Whether it was renewed since the app was opened. */
  isFresh: boolean
  /** One after another; false where the server could not be reached. */
  renew: () => Promise<boolean>
}

/** Every few minutes while somebody looks and the server tells nothing by itself; a moment after the app was opened, or the network came back. */
const EVERY = 5 * 60_000
const FIRST = 4_000
/** What nobody told of is found all the same. */
const SURELY = 6 * EVERY

export const CaseloadContext = createContext<CaseloadState | null>(null)
export const useCaseload = () => useContext(CaseloadContext)

/** Keeps the caseload fresh while the app is open. */
export function useKeptCaseload(): CaseloadState {
  const { user, may } = useSession()
  const cache = useQueryClient()
  const [caseload, setCaseload] = useState<Caseload | null>(null)
  const [busy, setBusy] = useState(false)
  const [isFresh, setFresh] = useState(false)
  const renewedAt = useRef(0)
  const wanted = may('cases', 'read')

  const run = useCallback(async () => {
    if (!wanted || !navigator.onLine || isFieldMode()) return false
    setBusy(true)
    try {
      // Without the configuration a kept case could not be shown.
      await Promise.all([formsQuery, lookupsQuery, placesQuery, settingsQuery].map((query) => cache.ensureQueryData(query as typeof formsQuery)))
      const renewed = await renewCaseload(user.user_name, (kind) => may(kind.place, 'read'))
      if (renewed !== null) {
        setCaseload(renewed.state)
        renewedAt.current = Date.now()
        setFresh(true)
        await readAnew(cache, renewed.changed)
        void keepFlags(renewed.flagged, may)
      }
      // What the device counted itself it counts anew.
      await cache.invalidateQueries({ queryKey: ['home', 'numbers'], predicate: ({ state }) => (state.data as { fromDevice?: boolean } | undefined)?.fromDevice === true })
      return true
    } catch (error) {
      if (!(error instanceof Unreachable)) console.warn('the caseload could not be renewed')
      return false
    } finally {
      setBusy(false)
    }
  }, [cache, user.user_name, may, wanted])

  const last = useRef<Promise<boolean>>(Promise.resolve(true))
  const renew = useCallback(() => (last.current = last.current.then(run)), [run])

  useEffect(() => {
    void keptCaseload().then(setCaseload)
    const first = setTimeout(() => void renew(), FIRST)
    const look = () => {
      const isDue = !isLive() || Date.now() - renewedAt.current > SURELY
      if (!document.hidden && isDue) void renew()
    }
    const timer = setInterval(look, EVERY)
    const back = () => void renew()
    addEventListener('online', back)
    return () => {
      clearTimeout(first)
      clearInterval(timer)
      removeEventListener('online', back)
    }
  }, [renew])

  return { caseload, busy, isFresh, renew }
}

/** What is on the screen and was changed elsewhere, unless it is as new already. */
async function readAnew(cache: QueryClient, changed: Renewed['changed']): Promise<void> {
  const isNewer = (id: string) => {
    const shown = cache.getQueryData<{ version?: number; fromDevice?: boolean }>(['record', id])
    const version = changed.get(id)
    return version === undefined || shown?.version === undefined || shown.fromDevice === true || shown.version < version
  }
  const seen = new Set([...changed.keys()].filter(isNewer))
  if (seen.size > 0) await cache.invalidateQueries({ predicate: ({ queryKey: [first, id] }) => first === 'record' && seen.has(String(id)) })
}

/** So many flagged records are asked about in one renewal. */
const MOST_FLAGGED = 60

/** The words of flags come with the records that have some, one after another. */
async function keepFlags(flagged: Renewed['flagged'], may: (resource: string, ...actions: string[]) => boolean): Promise<void> {
  const wanted = flagged.filter(({ type }) => may(KINDS[type].place, 'flag')).slice(0, MOST_FLAGGED)
  if (wanted.length === 0) return
  const [{ readFlags }, { patiently }] = await Promise.all([import('~/flags/flags'), import('~/api/patient')])
  for (const { type, id } of wanted) await patiently(() => readFlags(KINDS[type], id)).catch(() => undefined)
}
