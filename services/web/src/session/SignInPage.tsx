import { Suspense, lazy, useEffect, useRef, useState } from 'react'
import { Refused } from '~/api/problem'
import type { User } from '~/api/schemas'
import { addRecovery } from '~/device/recovery'
import { type Prepared, openStore, prepareStore } from '~/device/store'
import { useWords } from '~/i18n'
import { Credentials } from './Credentials'
import { Frame } from './Frame'
import { loadUser, meetServer } from './sign-in'

const DemandedFactor = lazy(() => import('./DemandedFactor'))

/** The server knows who this is, and lets them do nothing before they have a second factor. */
const DEMANDED = 'second_factor_demanded'

export function SignInPage({ onIn }: { onIn: (user: User) => void }) {
  const { t } = useWords()
  const prepared = useRef<Promise<Prepared> | null>(null)
  const [enrolling, setEnrolling] = useState<number | null>(null)
  useEffect(() => void meetServer().catch(() => undefined), [])

  const enter = async (id: number, part: Promise<Prepared>, password: string | null) => {
    const user = await loadUser(id).catch((error: unknown) => {
      if (error instanceof Refused && error.codes.includes(DEMANDED)) return null
      throw error
    })
    if (user === null) return setEnrolling(id)
    await openStore(await part)
    onIn(user)
    // A server that offers no recovery is no reason to stay out.
    if (password !== null) addRecovery(password, id).catch(() => undefined)
  }

  if (enrolling !== null) {
    const goOn = () => {
      if (prepared.current !== null) void enter(enrolling, prepared.current, null)
    }
    return (
      <Frame title={t('factor.demanded')}>
        <p>{t('factor.demanded_help')}</p>
        <Suspense><DemandedFactor onDone={goOn} /></Suspense>
      </Frame>
    )
  }
  return (
    <Frame title={t('session.sign_in')}>
      <Credentials
        action={t('session.sign_in')}
        onTry={(userName, password) => {
          prepared.current = prepareStore(userName, password)
          prepared.current.catch(() => undefined)
        }}
        onIn={(id, userName, password) => enter(id, prepared.current ?? prepareStore(userName, password), password)}
      />
    </Frame>
  )
}
