import { useWords } from '~/i18n'
import { useFieldMode, useOnline } from './useOnline'

/** Whether the server can be reached, in words. */
export function NetworkState() {
  const { t } = useWords()
  const online = useOnline()
  const isField = useFieldMode()
  return <p className="network" role="status">{t(isField ? 'field_mode.title' : online ? 'network.online' : 'network.offline')}</p>
}
