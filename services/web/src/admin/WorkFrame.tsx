import { useBlocker } from '@tanstack/react-router'
import { type ReactNode, useEffect, useRef } from 'react'
import { Refused } from '~/api/problem'
import { Dialog } from '~/ui/Dialog'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { useToast } from '~/ui/Toasts'
import { ClashNote } from './ClashNote'
import { FaultsContext } from './fields'
import type { Work } from './useWork'
import { useAdminWords } from './words'

interface Props<T> {
  work: Work<T>
  /** The name of what a pointer of the server stands for. */
  labelOf: (pointer: string) => string
  children: ReactNode
  /** Runs instead of saving at once; a page that shows first what would change. */
  review?: () => void
  saveWord?: string
  onSaved?: () => void
  steps?: boolean
  /** Nobody may save here. */
  readOnly?: boolean
  wide?: boolean
}

/** Around every form of the administration: what was refused, what is kept, save, and the way out. */
export function WorkFrame<T>({ work, labelOf, children, review, saveWord, onSaved, steps = false, readOnly = false, wide = false }: Props<T>) {
  const { t } = useAdminWords()
  const say = useToast()
  const leaving = useBlocker({ shouldBlockFn: () => work.changed && !work.saving, withResolver: true, enableBeforeUnload: false })
  const save = async () => {
    if (readOnly || !work.changed) return
    if (review !== undefined) return review()
    if (!(await work.save())) return
    say(t('admin.saved'))
    onSaved?.()
  }
  const latest = useRef(save)
  latest.current = save
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey)) return
      if (event.key === 's') {
        event.preventDefault()
        void latest.current()
      } else if (steps && event.key.toLowerCase() === 'z') {
        const go = event.shiftKey ? work.redo : work.undo
        event.preventDefault()
        go?.()
      }
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  })
  if (!work.ready) return <Skeleton lines={8} height={40} />
  return (
    <FaultsContext value={work.faults}>
      <form className={wide ? 'form form-wide' : 'form'} noValidate onSubmit={(event) => { event.preventDefault(); void save() }}>
        <Faults work={work} labelOf={labelOf} />
        <ClashNote work={work} labelOf={labelOf} />
        {work.stale && <p className="note note-warning" role="status">{t('admin.stale')}</p>}
        {children}
        {!readOnly && (
          <div className="save-bar work-bar no-print">
            <p className="grow" role="status">{t(work.saving ? 'save.sending' : work.changed ? 'admin.kept' : 'admin.no_changes')}</p>
            {steps && <button type="button" className="button" aria-disabled={work.undo === null} onClick={() => work.undo?.()}>{t('admin.undo')}</button>}
            {steps && <button type="button" className="button" aria-disabled={work.redo === null} onClick={() => work.redo?.()}>{t('admin.redo')}</button>}
            {work.changed && <button type="button" className="button button-plain" onClick={work.discard}>{t('admin.discard')}</button>}
            <button className="button button-main" aria-disabled={work.saving || !work.changed}>{saveWord ?? t('save.save')}</button>
          </div>
        )}
      </form>
      {leaving.status === 'blocked' && (
        <Dialog
          title={t('admin.leave_title')}
          onClose={leaving.reset}
          foot={<>
            <button type="button" className="button button-danger" onClick={() => { work.discard(); leaving.proceed() }}>{t('admin.leave_discard')}</button>
            <button type="button" className="button" onClick={leaving.proceed}>{t('admin.leave_keep')}</button>
            <button type="button" className="button button-main" onClick={leaving.reset}>{t('admin.stay')}</button>
          </>}
        >
          <p>{t('admin.leave_help')}</p>
        </Dialog>
      )}
    </FaultsContext>
  )
}

/** What the server refused, by the names of the fields; each leads to its field. */
function Faults<T>({ work, labelOf }: Pick<Props<T>, 'work' | 'labelOf'>) {
  const { t } = useAdminWords()
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (work.faults.length > 0) box.current?.focus()
  }, [work.faults])
  if (work.faults.length === 0) return work.error === null ? null : <Refusal error={work.error} />
  const go = (pointer: string) => {
    const near = [pointer, pointer.replace(/\/[^/]+$/, '')].map((one) => document.querySelector<HTMLElement>(`[data-pointer="${CSS.escape(one)}"]`))
    const input = near.find((one) => one !== null)?.querySelector<HTMLElement>('input, select, textarea, button')
    input?.focus()
    input?.scrollIntoView({ block: 'center' })
  }
  return (
    <div className="note note-danger stack-tight" role="alert" tabIndex={-1} ref={box}>
      <p>{t('admin.refused', { count: work.faults.length })}</p>
      <ul className="fault-list">
        {work.faults.map((fault, at) => (
          <li key={`${fault.pointer}-${at}`}>
            <button type="button" className="link-button" onClick={() => go(fault.pointer)}><bdi>{labelOf(fault.pointer)}</bdi>: {fault.message}</button>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** A refusal that no field is named for. */
export function Refusal({ error }: { error: unknown }) {
  const { t } = useAdminWords()
  if (!(error instanceof Refused) || error.status !== 422) return <Failure error={error} />
  const said = error.entries.map((entry) => String((entry.detail ?? '') || '')).filter((one) => one !== '')
  return (
    <div className="note note-danger" role="alert">
      <p>{t('admin.not_accepted')}</p>
      {said.length > 0 && <p className="small" dir="ltr">{said.join(', ')}</p>}
    </div>
  )
}
