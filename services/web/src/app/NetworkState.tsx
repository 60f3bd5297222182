import { useWords } from '~/i18n'
import { useOnline } from './useOnline'

/** Whether the server can be reached, in words. */
export function NetworkState() {
  const { t } = useWords()
  const online = useOnline()
  return <p className="network" role="status">{t(online ? 'network.online' : 'network.offline')}</p>
}
