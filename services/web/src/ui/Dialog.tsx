import { type ReactNode, useEffect, useId, useRef } from 'react'
import { useWords } from '~/i18n'
import { Icon } from './Icon'

interface Props {
  title: string
  onClose?: () => void
  children: ReactNode
  foot?: ReactNode
  /** On a phone: a sheet from below, or the whole screen. */
  phone?: 'sheet' | 'full'
  wide?: boolean
}

/** Something that has to be dealt with first. The browser keeps the focus inside and gives it back. */
export function Dialog({ title, onClose, children, foot, phone = 'sheet', wide = false }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  const { t } = useWords()
  useEffect(() => {
    const element = dialog.current
    if (element?.open === false) element.showModal()
    return () => element?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      className={`dialog dialog-${phone}${wide ? ' dialog-wide' : ''}`}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault()
        onClose?.()
      }}
    >
      <header className="dialog-head">
        <h2 id={heading}>{title}</h2>
        {onClose !== undefined && (
          <button type="button" className="button button-plain button-icon" aria-label={t('ui.close')} onClick={onClose}>
            <Icon name="close" />
          </button>
        )}
      </header>
      <div className="dialog-body">{children}</div>
      {foot !== undefined && <footer className="dialog-foot">{foot}</footer>}
    </dialog>
  )
}
