import type { ReactNode } from 'react'
import { Dialog } from '~/ui/Dialog'
import { useAdminWords } from './words'

interface Props {
  title: string
  /** Somebody loses something by it. */
  takes: boolean
  /** What the button does. */
  act: string
  onClose: () => void
  onConfirm: () => void
  children: ReactNode
}

/** What a change of the configuration does, to be read before it counts. */
export function Review({ title, takes, act, onClose, onConfirm, children }: Props) {
  const { t } = useAdminWords()
  return (
    <Dialog
      title={title}
      wide
      phone="full"
      onClose={onClose}
      foot={<>
        <button type="button" className="button" onClick={onClose}>{t('ui.cancel')}</button>
        <button type="button" className={takes ? 'button button-danger' : 'button button-main'} onClick={onConfirm}>{act}</button>
      </>}
    >
      <div className="diff">{children}</div>
    </Dialog>
  )
}

/** Lines of one sort: what is new, what goes, or what only changes. */
export function Changes({ title, kind, lines }: { title: string; kind: 'new' | 'gone' | ''; lines: string[] }) {
  if (lines.length === 0) return null
  return (
    <section>
      <h3>{title} ({lines.length})</h3>
      <ul className="diff-list">{lines.map((line) => <li key={line} className={kind === '' ? undefined : `diff-${kind}`}><bdi>{line}</bdi></li>)}</ul>
    </section>
  )
}
