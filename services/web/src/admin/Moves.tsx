import { Icon } from '~/ui/Icon'
import { useAdminWords } from './words'

interface Props {
  name: string
  at: number
  count: number
  onMove: (to: number) => void
  onRemove?: () => void
}

/** Up, down and away, by touch and by keyboard alike. */
export function Moves({ name, at, count, onMove, onRemove }: Props) {
  const { t } = useAdminWords()
  const word = (key: 'admin.up' | 'admin.down' | 'admin.remove') => `${t(key)}: ${name}`
  return (
    <span className="moves">
      <button type="button" className="button button-icon button-plain" aria-label={word('admin.up')} title={t('admin.up')} aria-disabled={at === 0} onClick={() => onMove(at - 1)}><span className="turned"><Icon name="down" /></span></button>
      <button type="button" className="button button-icon button-plain" aria-label={word('admin.down')} title={t('admin.down')} aria-disabled={at === count - 1} onClick={() => onMove(at + 1)}><Icon name="down" /></button>
      {onRemove !== undefined && <button type="button" className="button button-icon button-plain" aria-label={word('admin.remove')} title={t('admin.remove')} onClick={onRemove}><Icon name="close" /></button>}
    </span>
  )
}
