import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Unreachable } from '~/api/problem'
import { type TextKey, useWords } from '~/i18n'
import { sendNow } from '~/outbox/sender'
import { loadWork } from '~/outbox/work'
import { Ask } from '~/session/Ask'
import { isProofWanted, prove } from '~/session/proof'
import { useToast } from '~/ui/Toasts'
import { type FormerWork, bringBack, bringBackByServer, formerWork } from './former'

export const formerQuery = { queryKey: ['device', 'former'], queryFn: formerWork }

/** Work under a former password, and the way to bring it back. */
export function FormerWorkCard() {
  const former = useQuery(formerQuery).data ?? []
  return former.map((one) => <Former key={one.vault.id} former={one} />)
}

function Former({ former }: { former: FormerWork }) {
  const { t } = useWords()
  const cache = useQueryClient()
  const say = useToast()
  const [fault, setFault] = useState<TextKey | null>(null)
  const [proving, setProving] = useState(false)
  const [busy, setBusy] = useState(false)
  const { vault } = former
  const run = async (bring: () => Promise<boolean>, wrong: TextKey) => {
    if (busy) return
    setBusy(true)
    setFault(null)
    try {
      if (!(await bring())) return setFault(wrong)
      await loadWork()
      void sendNow()
      say(t('former.back'))
      await cache.invalidateQueries({ queryKey: formerQuery.queryKey })
    } catch (error) {
      if (isProofWanted(error)) setProving(true)
      else setFault(error instanceof Unreachable ? 'error.unreachable' : 'former.not_opened')
    } finally {
      setBusy(false)
    }
  }
  const byServer = () => run(() => bringBackByServer(vault), 'former.not_opened')
  return (
    <section className="card stack-tight narrow" aria-labelledby={`former-${vault.id}`}>
      <h2 id={`former-${vault.id}`}>{t(vault.wrapped === null ? 'former.emptied' : 'former.title', { count: former.count })}</h2>
      <p className="soft">{t(vault.wrapped === null ? 'former.emptied_help' : 'former.help')}</p>
      {vault.wrapped !== null && <Secret busy={busy} onGiven={(secret) => run(() => bringBack(vault, secret), 'former.wrong')} />}
      {fault !== null && <p className="note note-danger" role="alert">{t(fault)}</p>}
      {vault.recovery !== undefined && !proving && <div><button type="button" className="button" aria-disabled={busy} onClick={() => void byServer()}>{t(vault.wrapped === null ? 'former.bring' : 'former.by_server')}</button></div>}
      {proving && <Ask label={t('session.password')} type="password" action={t('former.bring')} onGiven={(password) => run(async () => { await prove(password); return bringBackByServer(vault) }, 'former.not_opened')} />}
    </section>
  )
}

function Secret({ busy, onGiven }: { busy: boolean; onGiven: (secret: string) => Promise<void> }) {
  const { t } = useWords()
  const [secret, setSecret] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void onGiven(secret)
  }
  return (
    <form className="stack-tight" onSubmit={submit}>
      <label className="field">
        <span className="label">{t('former.password')}</span>
        <input className="input" dir="ltr" type="password" autoComplete="off" required value={secret} onChange={(event) => setSecret(event.target.value)} />
      </label>
      <div><button className="button" aria-disabled={busy}>{t(busy ? 'ui.one_moment' : 'former.bring')}</button></div>
    </form>
  )
}
