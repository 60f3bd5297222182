import { type FormEvent, type ReactNode, useEffect, useState } from 'react'
import type { User } from '~/api/schemas'
import { ordersAsked } from '~/device/orders'
import { pinTriesLeft, unlockWithPin } from '~/device/pin'
import { addRecovery } from '~/device/recovery'
import { type DeviceStore, unlockStore } from '~/device/store'
import { useWords } from '~/i18n'
import { Frame } from './Frame'
import { loadUser, sessionUserId, signIn } from './sign-in'

interface Props {
  onIn: (user: User) => void
  onOther: () => void
}

/** Opens the device's own part with the PIN or the password; no server is needed. */
export function LockScreen({ onIn, onOther }: Props) {
  const { t } = useWords()
  const [left, setLeft] = useState<number | null>(null)
  const [way, setWay] = useState<'pin' | 'password' | 'wiped' | null>(null)
  useEffect(() => {
    pinTriesLeft().then((tries) => {
      setLeft(tries)
      setWay(tries === null ? 'password' : 'pin')
    }, () => setWay('password'))
  }, [])

  if (way === 'wiped') {
    return (
      <Frame title={t('pin.wiped')}>
        <p>{t('pin.wiped_help')}</p>
        <button type="button" className="button button-main button-wide" onClick={onOther}>{t('session.sign_in')}</button>
      </Frame>
    )
  }
  return (
    <Frame title={t('session.locked')}>
      <p className="soft">{t('session.locked_help')}</p>
      {way === 'pin' && <PinForm left={left ?? 0} onLeft={setLeft} onWiped={() => setWay('wiped')} onIn={onIn} />}
      {way === 'password' && <PasswordForm onIn={onIn} />}
      {left !== null && way !== null && (
        <button type="button" className="button button-plain button-wide" onClick={() => setWay(way === 'pin' ? 'password' : 'pin')}>{t(way === 'pin' ? 'pin.use_password' : 'pin.use')}</button>
      )}
      <button type="button" className="button button-plain button-wide" onClick={onOther}>{t('session.other_person')}</button>
    </Frame>
  )
}

interface PinProps {
  left: number
  onLeft: (left: number) => void
  onWiped: () => void
  onIn: Props['onIn']
}

function PinForm({ left, onLeft, onWiped, onIn }: PinProps) {
  const { t } = useWords()
  const [pin, setPin] = useState('')
  const [wrong, setWrong] = useState(false)
  const submit = async () => {
    await ordersAsked()
    const outcome = await unlockWithPin(pin)
    setPin('')
    if (outcome.is === 'wiped') return onWiped()
    if (outcome.is === 'wrong') {
      onLeft(outcome.left)
      return setWrong(true)
    }
    const kept = await outcome.store.get<User>('kept', 'user')
    if (kept === undefined) return setWrong(true)
    onIn(await known(kept, null))
  }
  return (
    <Form onSubmit={submit} fault={wrong ? t('pin.wrong', { count: left }) : null}>
      <label className="field">
        <span className="label">{t('pin.pin')}</span>
        <input className="input number" type="password" inputMode="numeric" autoComplete="off" autoFocus required value={pin} aria-invalid={wrong} onChange={(event) => setPin(event.target.value)} />
      </label>
    </Form>
  )
}

function PasswordForm({ onIn }: Pick<Props, 'onIn'>) {
  const { t } = useWords()
  const [password, setPassword] = useState('')
  const [wrong, setWrong] = useState(false)
  const submit = async () => {
    await ordersAsked()
    const store: DeviceStore | null = await unlockStore(password)
    const kept = await store?.get<User>('kept', 'user')
    if (kept === undefined) return setWrong(true)
    onIn(await known(kept, password))
    addRecovery(password, kept.id).catch(() => undefined)
  }
  return (
    <Form onSubmit={submit} fault={wrong ? t('session.fault.unlock') : null}>
      <label className="field">
        <span className="label">{t('session.password')}</span>
        <input className="input" dir="ltr" type="password" autoComplete="current-password" autoFocus required value={password} aria-invalid={wrong} onChange={(event) => setPassword(event.target.value)} />
      </label>
    </Form>
  )
}

function Form({ onSubmit, fault, children }: { onSubmit: () => Promise<void>; fault: string | null; children: ReactNode }) {
  const { t } = useWords()
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    await onSubmit().finally(() => setBusy(false))
  }
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      {children}
      {fault !== null && <p className="note note-danger" role="alert">{fault}</p>}
      <button className="button button-main button-wide" aria-disabled={busy}>{busy ? t('ui.one_moment') : t('session.unlock')}</button>
    </form>
  )
}

/** The person as the server knows them now; as they were kept when it cannot be asked. */
async function known(kept: User, password: string | null): Promise<User> {
  try {
    const id = await sessionUserId()
    if (id !== kept.id && password !== null) await signIn(kept.user_name, password)
    return await loadUser(kept.id)
  } catch {
    // Offline, the session is over, or the password was changed elsewhere: the first call will ask.
    return kept
  }
}
