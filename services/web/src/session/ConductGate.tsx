import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { call } from '~/api/client'
import { settingsQuery } from '~/api/queries'
import { useWords } from '~/i18n'
import { Failure } from '~/ui/Failure'
import { Frame } from './Frame'
import { useSession } from './session'

/** Whoever has not agreed to the code of conduct in force sees nothing else. */
export function ConductGate({ children }: { children: ReactNode }) {
  const { t } = useWords()
  const session = useSession()
  const { data: settings } = useQuery(settingsQuery)
  const [error, setError] = useState<unknown>(null)
  const code = settings?.code_of_conduct
  if (code == null || code.id === session.user.code_of_conduct_id) return children

  const agree = async () => {
    try {
      const body = { data: { code_of_conduct_id: code.id } }
      await call(`/api/v2/users/${session.user.id}`, { method: 'PATCH', body })
      await session.renew()
    } catch (failure) {
      setError(failure)
    }
  }
  return (
    <Frame title={code.title}>
      <p className="gate-text" tabIndex={0} role="region" aria-label={code.title}>{code.content}</p>
      {error !== null && <Failure error={error} />}
      <button type="button" className="button button-main button-wide" onClick={() => void agree()}>{t('session.agree')}</button>
      <button type="button" className="button button-plain button-wide" onClick={() => void session.leave()}>{t('session.sign_out')}</button>
    </Frame>
  )
}
