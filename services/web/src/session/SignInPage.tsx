import { useEffect } from 'react'
import type { User } from '~/api/schemas'
import { openStore } from '~/device/store'
import { useWords } from '~/i18n'
import { Credentials } from './Credentials'
import { Frame } from './Frame'
import { loadUser, meetServer } from './sign-in'

export function SignInPage({ onIn }: { onIn: (user: User) => void }) {
  const { t } = useWords()
  useEffect(() => void meetServer().catch(() => undefined), [])
  return (
    <Frame title={t('session.sign_in')}>
      <Credentials
        action={t('session.sign_in')}
        onIn={async (id, userName, password) => {
          const [user] = await Promise.all([loadUser(id), openStore(userName, password)])
          onIn(user)
        }}
      />
    </Frame>
  )
}
