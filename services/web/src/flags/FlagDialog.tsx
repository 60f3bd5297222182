import { useState } from 'react'
import { cancelWriting, settleWriting, writeSoon } from '~/device/writing'
import { useWords } from '~/i18n'
import { type Draft, type FlagAct, actDraftId } from '~/outbox/model'
import { allItems, draftOf, dropDraft, saveDraft, takeBack } from '~/outbox/work'
import { handIn } from '~/record-pages/hand-in'
import { type OpenRecord, useRecord } from '~/record-pages/record-context'
import { Dialog } from '~/ui/Dialog'
import { useToast } from '~/ui/Toasts'

const WORDS = {
  flag: { title: 'flags.add', about: 'flags.message', done: 'flags.add' },
  reflag: { title: 'flags.change', about: 'flags.message', done: 'save.save' },
  unflag: { title: 'flags.resolve', about: 'flags.reason', done: 'flags.resolve' },
} as const

/** A flag is set, corrected or dealt with; what is typed is kept as a draft until it is handed in. */
export default function FlagDialog({ act: first, onClose }: { act: FlagAct; onClose: () => void }) {
  const { t } = useWords()
  const say = useToast()
  const open = useRecord()
  const { act, change, fault, setFault, discard } = useActDraft(open, first)
  const words = WORDS[act.is]

  const handOver = async () => {
    const message = act.message.trim()
    if (message === '') return setFault(t('flags.lacking'))
    cancelWriting(`draft/${actDraftId(open.id, first)}`)
    await settleWriting()
    const draft = draftWith(open, { ...act, message })
    const { item, outcome } = await handIn(draft, draft.id)
    if (outcome?.is === 'refused') {
      await takeBack(allItems().find((one) => one.id === item.id) ?? item, draft.base, {})
      return setFault(outcome.refusal.sentences[0] ?? t(outcome.refusal.status === 403 ? 'error.forbidden' : 'outbox.refused'))
    }
    onClose()
    say(t(outcome?.is === 'sent' ? 'outbox.sent' : 'outbox.waiting'))
  }
  return (
    <Dialog
      title={t(words.title)}
      onClose={onClose}
      foot={<>
        {draftOf(actDraftId(open.id, first)) !== null && <button type="button" className="button button-plain" onClick={() => void discard().then(onClose)}>{t('save.discard')}</button>}
        <button type="button" className="button" onClick={onClose}>{t('ui.cancel')}</button>
        <button type="submit" form="flag" className="button button-main">{t(words.done)}</button>
      </>}
    >
      <form id="flag" className="stack" noValidate onSubmit={(event) => { event.preventDefault(); void handOver() }}>
        <label className="field">
          <span className="label">{t(words.about)}</span>
          <textarea className="input" dir="auto" rows={3} maxLength={10_000} autoFocus required autoComplete="off" aria-invalid={fault !== null} aria-describedby={fault === null ? undefined : 'flag-fault'} value={act.message} onChange={(event) => change({ ...act, message: event.target.value })} />
          {fault !== null && <span className="fault" id="flag-fault" role="alert">{fault}</span>}
        </label>
        {act.is !== 'unflag' && (
          <label className="field">
            <span className="label">{t('flags.date')}</span>
            <input className="input" type="date" required value={act.date} onChange={(event) => change({ ...act, date: event.target.value === '' ? act.date : event.target.value })} />
          </label>
        )}
      </form>
    </Dialog>
  )
}

const draftWith = (open: OpenRecord, act: FlagAct): Draft => ({
  id: actDraftId(open.id, act), of: open.id, act, type: open.kind.type, module: null, base: open.version, patch: {}, isNew: false, savedAt: new Date().toISOString(),
})

/** What was left unfinished. */
function begun(id: string): FlagAct | null {
  const act = draftOf(id)?.act
  return act === undefined || act.is === 'dismiss' ? null : act
}

/** What is typed, begun from what was left unfinished, and on the device at once. */
function useActDraft(open: OpenRecord, first: FlagAct) {
  const id = actDraftId(open.id, first)
  const [act, setAct] = useState<FlagAct>(() => begun(id) ?? first)
  const [fault, setFault] = useState<string | null>(null)
  const change = (next: FlagAct) => {
    setAct(next)
    setFault(null)
    writeSoon(`draft/${id}`, () => (next.message.trim() === '' ? dropDraft(id) : saveDraft(draftWith(open, next))))
  }
  const discard = async () => {
    cancelWriting(`draft/${id}`)
    await settleWriting()
    await dropDraft(id)
  }
  return { act, change, fault, setFault, discard }
}
