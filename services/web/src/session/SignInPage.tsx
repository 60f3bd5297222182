import { useEffect, useRef } from 'react'
import type { User } from '~/api/schemas'
import { type Prepared, openStore, prepareStore } from '~/device/store'
import { useWords } from '~/i18n'
import { Credentials } from './Credentials'
import { Frame } from './Frame'
import { loadUser, meetServer } from './sign-in'

export function SignInPage({ onIn }: { onIn: (user: User) => void }) {
  const { t } = useWords()
  const prepared = useRef<Promise<Prepared> | null>(null)
  useEffect(() => void meetServer().catch(() => undefined), [])
  return (
    <Frame title={t('session.sign_in')}>
      <Credentials
        action={t('session.sign_in')}
        onTry={(userName, password) => {
          prepared.current = prepareStore(userName, password)
          prepared.current.catch(() => undefined)
        }}
        onIn={async (id, userName, password) => {
          const part = prepared.current ?? prepareStore(userName, password)
          const [user] = await Promise.all([loadUser(id), part.then(openStore)])
          onIn(user)
        }}
      />
    </Frame>
  )
}
