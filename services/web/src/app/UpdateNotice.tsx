import { useSyncExternalStore } from 'react'
import { useWords } from '~/i18n'
import { settleWriting } from '~/device/writing'
import { isUpdateWaiting, onUpdate, takeUpdate } from './updates'
import { setFieldMode } from '~/api/field-mode'
import { useFieldMode, useOnline } from './useOnline'

/** One line above the page for what concerns the whole app. */
export function UpdateNotice() {
  const { t } = useWords()
  const online = useOnline()
  const isField = useFieldMode()
  const waiting = useSyncExternalStore(onUpdate, isUpdateWaiting)
  if (waiting) {
    return (
      <div className="strip no-print" role="status">
        {t('update.waiting')}
        <button type="button" className="button" onClick={() => void settleWriting().then(takeUpdate)}>{t('update.now')}</button>
      </div>
    )
  }
  if (isField) {
    return (
      <div className="strip no-print" role="status">
        {t('field_mode.strip')}
        <button type="button" className="button" onClick={() => setFieldMode(false)}>{t('field_mode.end')}</button>
      </div>
    )
  }
  return online ? null : <div className="strip strip-phone no-print" role="status">{t('network.offline_strip')}</div>
}
