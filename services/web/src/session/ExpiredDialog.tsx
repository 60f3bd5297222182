import { useQueryClient } from '@tanstack/react-query'
import { useWords } from '~/i18n'
import { Dialog } from '~/ui/Dialog'
import { Credentials } from './Credentials'
import { useSession } from './session'

/** The session ran out while somebody was at work: the page stays as it is behind this. */
export function ExpiredDialog() {
  const { t } = useWords()
  const cache = useQueryClient()
  const { user, goOn, leave } = useSession()
  return (
    <Dialog title={t('session.expired')} phone="sheet">
      <p>{t('session.expired_help', { name: user.user_name })}</p>
      <Credentials
        action={t('session.go_on')}
        userName={user.user_name}
        onIn={async () => {
          goOn()
          await cache.invalidateQueries()
        }}
      />
      <button type="button" className="button button-plain button-wide" onClick={() => void leave()}>{t('session.sign_out')}</button>
    </Dialog>
  )
}
