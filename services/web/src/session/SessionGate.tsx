/** Who is here: nobody, somebody behind a lock, or somebody at work. Nothing else is mounted before. */
import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react'
import { setFieldMode } from '~/api/field-mode'
import { onSessionExpired, onWipeOrdered } from '~/api/client'
import type { User } from '~/api/schemas'
import { meetDevice, obeyHere, obeyOrders } from '~/device/orders'
import { deviceStore, closeStore, forgetLastVault, lastVault, surelyHasLastVault } from '~/device/store'
import { useChooseLanguage } from '~/i18n/WordsProvider'
import { settleWriting } from '~/device/writing'
import { LockScreen } from './LockScreen'
import { SignInPage } from './SignInPage'
import { WipedPage } from './WipedPage'
import { SessionContext, type Session, allows } from './session'
import { loadUser, signOut } from './sign-in'
import { useIdleLock } from './useIdleLock'

type State = { is: 'starting' } | { is: 'out' } | { is: 'locked' } | { is: 'wiped' } | { is: 'in'; user: User; expired: boolean }

export function SessionGate({ children }: { children: ReactNode }) {
  const [state, setState] = useState<State>(() => ({ is: surelyHasLastVault() ? 'locked' : 'starting' }))
  const chooseLanguage = useChooseLanguage()
  const user = state.is === 'in' ? state.user : null
  const expired = state.is === 'in' && state.expired

  useEffect(() => {
    const begin = (vault: string | null) => setState((now) => (now.is === 'starting' ? { is: vault === null ? 'out' : 'locked' } : now))
    lastVault().then(begin, () => begin(null))
  }, [])

  const obeyOrder = useCallback(async () => {
    await settleWriting()
    setState({ is: 'wiped' })
    await obeyHere().catch(() => undefined)
  }, [])
  useEffect(() => onWipeOrdered(() => void obeyOrder()), [obeyOrder])
  useEffect(() => {
    const last = lastVault()
    obeyOrders().then(async (wiped) => {
      const open = await last
      if (open !== null && wiped.includes(open)) setState({ is: 'wiped' })
    }, () => undefined)
  }, [])

  const enter = useCallback((entered: User) => {
    void deviceStore()?.put('kept', 'user', entered)
    const chosen = localStorage.getItem('amparo-language')
    if (chosen === null && entered.locale != null) chooseLanguage(entered.locale)
    setState({ is: 'in', user: entered, expired: false })
    const met = async () => {
      if (await meetDevice(new Date().toISOString().slice(0, 10))) await obeyOrder()
    }
    // Offline, or with a server that knows no devices, there is nothing to obey.
    met().catch(() => undefined)
  }, [chooseLanguage, obeyOrder])

  const lock = useCallback(async () => {
    await settleWriting()
    closeStore()
    setState({ is: 'locked' })
  }, [])

  useEffect(() => onSessionExpired(() => setState((now) => (now.is === 'in' ? { ...now, expired: true } : now))), [])
  useIdleLock(user !== null, () => void lock())

  const session = useMemo<Session | null>(() => user && {
    user,
    may: (resource, ...actions) => allows(user, resource, actions),
    lock: () => void lock(),
    leave: async () => {
      // At once: a reload meanwhile must not offer to unlock.
      await forgetLastVault()
      await settleWriting()
      // The server hears of it, whatever was chosen for the work.
      setFieldMode(false)
      await signOut().catch(() => undefined)
      closeStore()
      // Whoever comes next begins at the beginning.
      history.replaceState({}, '', '/')
      setState({ is: 'out' })
    },
    expired,
    goOn: () => setState((now) => (now.is === 'in' ? { ...now, expired: false } : now)),
    renew: async () => enter(await loadUser(user.id)),
  }, [user, expired, lock, enter])

  if (state.is === 'starting') return null
  if (state.is === 'wiped') return <WipedPage onGoOn={() => setState({ is: 'out' })} />
  if (state.is === 'out') return <SignInPage onIn={enter} />
  if (state.is === 'locked') return <LockScreen onIn={enter} onOther={() => void forgetLastVault().then(() => setState({ is: 'out' }))} />
  return <SessionContext value={session}>{children}</SessionContext>
}
