import { useEffect, useState } from 'react'
import { useWords } from '~/i18n'
import { useCaseload } from './useCaseload'

/** What of one's caseload is on this device, how fresh it is, and how much room it takes. */
export function CaseloadCard() {
  const { t, ago, number } = useWords()
  const state = useCaseload()
  const [megabytes, setMegabytes] = useState<number | null>(null)
  useEffect(() => {
    void navigator.storage.estimate().then(({ usage }) => setMegabytes(usage === undefined ? null : usage / 1_000_000))
  }, [state?.caseload])
  if (state === null) return null
  const { caseload, busy, renew } = state
  return (
    <section className="card stack-tight" aria-labelledby="caseload">
      <h2 id="caseload">{t('caseload.title')}</h2>
      <p role="status">
        {busy ? t('caseload.renewing') : caseload === null ? t('caseload.none') : t('caseload.kept', { count: caseload.count, at: ago(caseload.at) })}
      </p>
      {caseload?.bounded === true && <p className="small soft">{t('caseload.bound', { count: caseload.count })}</p>}
      {megabytes !== null && <p className="small soft">{t('caseload.room', { size: number(Math.round(megabytes * 10) / 10) })}</p>}
      <div><button type="button" className="button" aria-disabled={busy} onClick={() => void renew()}>{t('caseload.renew')}</button></div>
    </section>
  )
}
