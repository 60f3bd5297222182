import { type FormEvent, useId, useState } from 'react'
import { Unreachable } from '~/api/problem'
import { type TextKey, useWords } from '~/i18n'
import { signIn } from './sign-in'

interface Props {
  action: string
  /** Known when somebody only has to show again who they are. */
  userName?: string
  /** Hears of each try, before the server has answered. */
  onTry?: (userName: string, password: string) => void
  onIn: (id: number, userName: string, password: string) => Promise<void>
}

/** Name, password and, where the account has one, the second factor's code. */
export function Credentials({ action, userName: known, onTry, onIn }: Props) {
  const { t } = useWords()
  const [name, setName] = useState(known ?? '')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState<string | null>(null)
  const [fault, setFault] = useState<TextKey | null>(null)
  const [busy, setBusy] = useState(false)
  const faultId = useId()

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setFault(null)
    onTry?.(name, password)
    try {
      const outcome = await signIn(name, password, code ?? undefined)
      if (outcome.is === 'in') return await onIn(outcome.id, name, password)
      if (outcome.is === 'code_wanted' || outcome.is === 'code_wrong') setCode('')
      if (outcome.is !== 'code_wanted') setFault(`session.fault.${outcome.is}`)
    } catch (error) {
      setFault(error instanceof Unreachable ? 'error.unreachable' : 'error.unknown')
    } finally {
      setBusy(false)
    }
  }

  const described = fault === null ? undefined : faultId
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      {known === undefined && (
        <label className="field">
          <span className="label">{t('session.user_name')}</span>
          <input className="input" dir="ltr" autoComplete="username" autoCapitalize="none" spellCheck={false} required value={name} aria-describedby={described} onChange={(event) => setName(event.target.value)} />
        </label>
      )}
      <label className="field">
        <span className="label">{t('session.password')}</span>
        <input className="input" dir="ltr" type="password" autoComplete="current-password" required value={password} aria-describedby={described} onChange={(event) => setPassword(event.target.value)} />
      </label>
      {code !== null && (
        <label className="field">
          <span className="label">{t('session.code')}</span>
          <input className="input number" inputMode="numeric" autoComplete="one-time-code" autoFocus required value={code} aria-describedby={described} onChange={(event) => setCode(event.target.value)} />
          <span className="help">{t('session.code_help')}</span>
        </label>
      )}
      {fault !== null && <p id={faultId} className="note note-danger" role="alert">{t(fault)}</p>}
      <button className="button button-main button-wide" aria-disabled={busy}>{busy ? t('ui.one_moment') : action}</button>
    </form>
  )
}
