import { type FormEvent, useState } from 'react'
import type { User } from '~/api/schemas'
import { unlockStore } from '~/device/store'
import { useWords } from '~/i18n'
import { Frame } from './Frame'
import { loadUser, sessionUserId, signIn } from './sign-in'

interface Props {
  onIn: (user: User) => void
  onOther: () => void
}

/** Opens the device's own part with the password; no server is needed. */
export function LockScreen({ onIn, onOther }: Props) {
  const { t } = useWords()
  const [password, setPassword] = useState('')
  const [wrong, setWrong] = useState(false)
  const [busy, setBusy] = useState(false)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setWrong(false)
    const store = await unlockStore(password)
    const kept = await store?.get<User>('kept', 'user')
    if (kept === undefined) {
      setBusy(false)
      return setWrong(true)
    }
    onIn(await renewed(kept, password))
  }

  return (
    <Frame title={t('session.locked')}>
      <p className="soft">{t('session.locked_help')}</p>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <label className="field">
          <span className="label">{t('session.password')}</span>
          <input className="input" dir="ltr" type="password" autoComplete="current-password" autoFocus required value={password} aria-invalid={wrong} onChange={(event) => setPassword(event.target.value)} />
        </label>
        {wrong && <p className="note note-danger" role="alert">{t('session.fault.unlock')}</p>}
        <button className="button button-main button-wide" aria-disabled={busy}>{busy ? t('ui.one_moment') : t('session.unlock')}</button>
      </form>
      <button type="button" className="button button-plain button-wide" onClick={onOther}>{t('session.other_person')}</button>
    </Frame>
  )
}

/** The person as the server knows them now; as they were kept when it cannot be asked. */
async function renewed(kept: User, password: string): Promise<User> {
  try {
    const id = await sessionUserId()
    if (id !== kept.id) await signIn(kept.user_name, password)
    return await loadUser(kept.id)
  } catch {
    // Offline, or the password was changed elsewhere: the first call will ask for it.
    return kept
  }
}
