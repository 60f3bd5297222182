import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '~/api/client'
import { Dialog } from '~/ui/Dialog'
import { useToast } from '~/ui/Toasts'
import { type Person, send } from '../api'
import { Refusal } from '../WorkFrame'
import { type AdminKey, useAdminWords } from '../words'

interface Act {
  name: AdminKey
  help: AdminKey
  done: AdminKey
  danger?: boolean
  run: () => Promise<unknown>
}

/** What is done to an account at once, each with a question first. */
export function UserActs({ person, isSelf }: { person: Person; isSelf: boolean }) {
  const { t } = useAdminWords()
  const [asked, setAsked] = useState<Act | null>(null)
  const acts: Act[] = [
    { name: 'users.reset_mail', help: 'users.reset_mail_help', done: 'users.reset_mail_done', run: () => call(`/api/v2/users/${person.id}/password-reset-request`, { method: 'POST', body: { user: { password_reset: true } } }) },
    { name: 'users.reset_factor', help: 'users.reset_factor_help', done: 'users.reset_factor_done', danger: true, run: () => call(`/api/amparo/v1/users/${person.id}/second_factor`, { method: 'DELETE' }) },
    person.disabled
      ? { name: 'users.enable', help: 'users.enable_help', done: 'users.enabled_done', run: () => send('/api/v2/users', person.id, { disabled: false }) }
      : { name: 'users.disable', help: 'users.disable_help', done: 'users.disabled_done', danger: true, run: () => send('/api/v2/users', person.id, { disabled: true }) },
  ]
  const open = isSelf ? acts.slice(0, 1) : person.email === undefined ? acts.slice(1) : acts
  return (
    <section className="card stack-tight" aria-labelledby="acts">
      <h2 id="acts">{t('users.acts')}</h2>
      {open.map((act) => <button key={String(act.name)} type="button" className={act.danger === true ? 'button button-danger' : 'button'} onClick={() => setAsked(act)}>{t(act.name)}</button>)}
      {asked !== null && <Ask act={asked} name={person.user_name} onClose={() => setAsked(null)} />}
    </section>
  )
}

function Ask({ act, name, onClose }: { act: Act; name: string; onClose: () => void }) {
  const { t } = useAdminWords()
  const say = useToast()
  const cache = useQueryClient()
  const [error, setError] = useState<unknown>(null)
  const run = async () => {
    try {
      await act.run()
      await cache.invalidateQueries({ queryKey: ['admin'] })
      say(t(act.done))
      onClose()
    } catch (failure) {
      setError(failure)
    }
  }
  return (
    <Dialog
      title={`${t(act.name)}: ${name}`}
      onClose={onClose}
      foot={<>
        <button type="button" className="button" onClick={onClose}>{t('ui.cancel')}</button>
        <button type="button" className={act.danger === true ? 'button button-danger' : 'button button-main'} onClick={() => void run()}>{t(act.name)}</button>
      </>}
    >
      <p>{t(act.help)}</p>
      {error !== null && <Refusal error={error} />}
    </Dialog>
  )
}
