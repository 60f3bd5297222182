import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useWords } from '~/i18n'
import { useDraft } from '~/device/useDraft'
import { Dialog } from '~/ui/Dialog'
import { useToast } from '~/ui/Toasts'
import { useRecord } from './record-context'
import type { RecordWork } from './useRecordEditing'

interface Props {
  work: RecordWork
  id: string
  section?: string
}

/** Says what is kept and what would be sent; stays at hand below the fields. */
export function SaveBar({ work, id, section }: Props) {
  const { t } = useWords()
  const say = useToast()
  const { kind } = useRecord()
  const draft = useDraft(id)
  const [leaving, setLeaving] = useState(false)
  const count = draft === null ? 0 : Object.keys(draft.patch).length
  const bar = useRef<HTMLDivElement>(null)

  useEffect(() => {
    if (work.done === 'sent') say(t('outbox.sent'))
    if (work.done === 'waiting') say(t('outbox.waiting'))
  }, [work.done, say, t])

  useEffect(() => {
    if (work.state !== 'refused') return
    const faulty = bar.current?.closest('form')?.querySelector<HTMLElement>('[aria-invalid="true"], .fault')
    faulty?.focus()
    faulty?.scrollIntoView({ block: 'center' })
  }, [work.state])

  return (
    <div className="save-bar no-print" ref={bar}>
      <p className="grow" role="status">
        {work.state === 'refused' && <span className="mark mark-danger">{t('save.refused', { count: work.editing.faults.length })}</span>}
        {work.state === 'failed' && <span className="mark mark-danger">{t('device.failed')}</span>}
        {work.state === 'sending' && t('save.sending')}
        {work.state === 'idle' && (count === 0 ? t('save.nothing') : t('save.kept', { count }))}
      </p>
      {count > 0 && <button type="button" className="button button-plain" onClick={() => setLeaving(true)}>{t('save.discard')}</button>}
      {count === 0 && section !== undefined && <Link to="/$place/$id/section/$section" params={{ place: kind.place, id, section }} className="button">{t('save.leave')}</Link>}
      <button className="button button-main" aria-disabled={work.state === 'sending'}>{t('save.save')}</button>
      {leaving && (
        <Dialog
          title={t('save.discard_title')}
          onClose={() => setLeaving(false)}
          foot={<>
            <button type="button" className="button" onClick={() => setLeaving(false)}>{t('ui.cancel')}</button>
            <button type="button" className="button button-danger" onClick={() => void work.discard()}>{t('save.discard')}</button>
          </>}
        >
          <p>{t('save.discard_help', { count })}</p>
        </Dialog>
      )}
    </div>
  )
}
