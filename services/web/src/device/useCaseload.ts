import { useQueryClient } from '@tanstack/react-query'
import { createContext, useCallback, useContext, useEffect, useRef, useState } from 'react'
import { Unreachable } from '~/api/problem'
import { formsQuery, lookupsQuery, placesQuery, settingsQuery } from '~/api/queries'
import { useSession } from '~/session/session'
import { type Caseload, keptCaseload, renewCaseload } from './caseload'

export interface CaseloadState {
  caseload: Caseload | null
  busy: boolean
  /** One after another; false where the server could not be reached. */
  renew: () => Promise<boolean>
}

/** Every few minutes while somebody looks, and a moment after the app was opened or the network came back. */
const EVERY = 5 * 60_000
const FIRST = 4_000

export const CaseloadContext = createContext<CaseloadState | null>(null)
export const useCaseload = () => useContext(CaseloadContext)

/** Keeps the caseload fresh while the app is open. */
export function useKeptCaseload(): CaseloadState {
  const { user, may } = useSession()
  const cache = useQueryClient()
  const [caseload, setCaseload] = useState<Caseload | null>(null)
  const [busy, setBusy] = useState(false)
  const wanted = may('cases', 'read')

  const run = useCallback(async () => {
    if (!wanted || !navigator.onLine) return false
    setBusy(true)
    try {
      // Without the configuration a kept case could not be shown.
      await Promise.all([formsQuery, lookupsQuery, placesQuery, settingsQuery].map((query) => cache.ensureQueryData(query as typeof formsQuery)))
      const changed = await renewCaseload(user.user_name, (kind) => may(kind.place, 'read'), setCaseload)
      // What is on the screen and was changed elsewhere is read anew.
      const seen = new Set(changed)
      if (seen.size > 0) await cache.invalidateQueries({ predicate: ({ queryKey: [first, id] }) => first === 'record' && seen.has(String(id)) })
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
      if (!document.hidden) void renew()
    }
    const timer = setInterval(look, EVERY)
    addEventListener('online', look)
    return () => {
      clearTimeout(first)
      clearInterval(timer)
      removeEventListener('online', look)
    }
  }, [renew])

  return { caseload, busy, renew }
}
