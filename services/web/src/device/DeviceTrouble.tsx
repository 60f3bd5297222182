import { useEffect, useState } from 'react'
import { useWords } from '~/i18n'
import { onWriteFailure } from './writing'

/** Share of the browser's quota from which a full disk is announced. */
const NEARLY = 0.9

/** Says that the device cannot keep more, before it has to refuse, or that it just refused. */
export function DeviceTrouble() {
  const { t } = useWords()
  const [trouble, setTrouble] = useState<'none' | 'nearly' | 'failed'>('none')
  useEffect(() => {
    onWriteFailure(() => setTrouble('failed'))
    const look = async () => {
      const { usage = 0, quota = 0 } = await navigator.storage.estimate()
      if (quota > 0 && usage / quota > NEARLY) setTrouble((now) => (now === 'none' ? 'nearly' : now))
    }
    void look()
    void navigator.storage.persist()
    const timer = setInterval(() => void look(), 60_000)
    return () => clearInterval(timer)
  }, [])
  if (trouble === 'none') return null
  return <div className="strip no-print" role="alert">{t(trouble === 'failed' ? 'device.failed' : 'device.nearly_full')}</div>
}
