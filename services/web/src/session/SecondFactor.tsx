import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '~/api/client'
import { Refused } from '~/api/problem'
import { useWords } from '~/i18n'
import { Failure } from '~/ui/Failure'
import './session.css'
import { Ask } from './Ask'

interface Factor {
  enrolled: boolean
  required: boolean
  recovery_codes_left?: number
}

type Step = { is: 'rest' } | { is: 'prove' } | { is: 'confirm'; secret: string; url: string } | { is: 'done'; codes: string[] }

/** Setting up codes of an authenticator app, in three steps. */
export function SecondFactor({ onDone }: { onDone?: () => void }) {
  const { t } = useWords()
  const cache = useQueryClient()
  const factor = useQuery({ queryKey: ['second-factor'], queryFn: async ({ signal }) => (await call<Factor>('/api/amparo/v1/second_factor', { signal })).data })
  const [step, setStep] = useState<Step>({ is: 'rest' })
  const [error, setError] = useState<unknown>(null)

  const run = async (work: () => Promise<void>) => {
    setError(null)
    try {
      await work()
    } catch (failure) {
      if (failure instanceof Refused && failure.codes.includes('not_recently_proven')) setStep({ is: 'prove' })
      else setError(failure)
    }
  }
  const begin = () => run(async () => {
    const { data } = await call<{ secret: string; otpauth_url: string }>('/api/amparo/v1/second_factor', { method: 'POST', body: {} })
    setStep({ is: 'confirm', secret: data.secret, url: data.otpauth_url })
  })
  const confirm = (code: string) => run(async () => {
    const { data } = await call<{ recovery_codes: string[] }>('/api/amparo/v1/second_factor/confirmation', { method: 'POST', body: { data: { code } } })
    setStep({ is: 'done', codes: data.recovery_codes })
    await cache.invalidateQueries({ queryKey: ['second-factor'] })
  })
  const prove = (password: string) => run(async () => {
    await call('/api/amparo/v1/reauthentication', { method: 'POST', body: { data: { password } } })
    await begin()
  })

  if (factor.data === undefined) return null
  return (
    <section className="card stack narrow" aria-labelledby="factor">
      <h2 id="factor">{t('factor.title')}</h2>
      {step.is === 'rest' && (
        <>
          <p>{t(factor.data.enrolled ? 'factor.on' : 'factor.off')}</p>
          {!factor.data.enrolled && <div><button type="button" className="button" onClick={() => void begin()}>{t('factor.set_up')}</button></div>}
        </>
      )}
      {step.is === 'prove' && <Ask label={t('session.password')} type="password" action={t('session.go_on')} onGiven={prove} />}
      {step.is === 'confirm' && (
        <>
          <p>{t('factor.scan')}</p>
          <p className="secret number">{step.secret.replace(/(.{4})/g, '$1 ').trim()}</p>
          <p><a href={step.url}>{t('factor.open_app')}</a></p>
          <Ask label={t('session.code')} type="text" action={t('factor.confirm')} onGiven={confirm} />
        </>
      )}
      {step.is === 'done' && (
        <>
          <p className="note note-success">{t('factor.codes')}</p>
          <ul className="secret number">{step.codes.map((code) => <li key={code}>{code}</li>)}</ul>
          {onDone !== undefined && <div><button type="button" className="button button-main" onClick={onDone}>{t('session.go_on')}</button></div>}
        </>
      )}
      {error !== null && (error instanceof Refused && error.status < 500 ? <p className="note note-danger" role="alert">{t('session.fault.code_wrong')}</p> : <Failure error={error} />)}
    </section>
  )
}
