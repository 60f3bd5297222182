import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { useWords } from '~/i18n'
import { ownWriteArrived } from '~/record-pages/queries'
import { CaseloadContext, useKeptCaseload } from '~/device/useCaseload'
import { useLive } from '~/live/useLive'
import { forgetInbox, knownInbox, loadInbox, putInbox, withMet } from '~/merge/inbox'
import { useToast } from '~/ui/Toasts'
import { hurry, onOutcome, plan, sendNow } from './sender'
import { forgetWork, loadWork } from './work'

/** Work on the device is known before a page shows a record, and is sent while the app is open. */
export function OutboxGate({ children }: { children: ReactNode }) {
  const { t } = useWords()
  const cache = useQueryClient()
  const say = useToast()
  const [ready, setReady] = useState(false)
  useEffect(() => {
    void Promise.all([loadWork(), loadInbox()]).finally(() => setReady(true)).then(sendNow).then(plan)
    const online = () => void hurry()
    const seen = () => {
      if (!document.hidden) void loadWork().then(sendNow)
    }
    addEventListener('online', online)
    document.addEventListener('visibilitychange', seen)
    return () => {
      removeEventListener('online', online)
      document.removeEventListener('visibilitychange', seen)
      forgetWork()
      forgetInbox()
    }
  }, [])
  useEffect(
    () =>
      onOutcome((item, outcome) => {
        if (outcome.is === 'sent') ownWriteArrived(cache, item.recordId, item.patch, outcome.version)
        const conflicts = outcome.is === 'sent' ? (outcome.conflicts ?? []) : []
        if (conflicts.length > 0) {
          void putInbox(withMet(knownInbox(), { type: item.type, recordId: item.recordId, conflicts }))
          say(t('merge.met'))
        } else if (outcome.is === 'sent' && item.tries > 0) say(t('outbox.was_sent'))
      }),
    [cache, say, t],
  )
  return ready ? <CaseloadFrame>{children}</CaseloadFrame> : null
}

/** The caseload is renewed beside the work, never before it; and when the server says that something changed. */
function CaseloadFrame({ children }: { children: ReactNode }) {
  const state = useKeptCaseload()
  useLive(state)
  return <CaseloadContext value={state}>{children}</CaseloadContext>
}
