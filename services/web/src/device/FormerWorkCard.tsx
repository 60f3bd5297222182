import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useWords } from '~/i18n'
import { sendNow } from '~/outbox/sender'
import { loadWork } from '~/outbox/work'
import { useToast } from '~/ui/Toasts'
import { type FormerWork, bringBack, formerWork } from './former'

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
  const [secret, setSecret] = useState('')
  const [wrong, setWrong] = useState(false)
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    const isBack = await bringBack(former.vault, secret).finally(() => setBusy(false))
    setWrong(!isBack)
    if (!isBack) return
    await loadWork()
    void sendNow()
    say(t('former.back'))
    await cache.invalidateQueries({ queryKey: formerQuery.queryKey })
  }
  return (
    <section className="card stack-tight narrow" aria-labelledby={`former-${former.vault.id}`}>
      <h2 id={`former-${former.vault.id}`}>{t('former.title', { count: former.count })}</h2>
      <p className="soft">{t('former.help')}</p>
      <form className="stack-tight" onSubmit={(event) => void submit(event)}>
        <label className="field">
          <span className="label">{t('former.password')}</span>
          <input className="input" dir="ltr" type="password" autoComplete="off" required value={secret} aria-invalid={wrong} onChange={(event) => setSecret(event.target.value)} />
        </label>
        {wrong && <p className="note note-danger" role="alert">{t('former.wrong')}</p>}
        <div><button className="button" aria-disabled={busy}>{t(busy ? 'ui.one_moment' : 'former.bring')}</button></div>
      </form>
    </section>
  )
}
