import { useWords } from '~/i18n'
import { Frame } from './Frame'

/** Somebody with the right to it had this device emptied. */
export function WipedPage({ onGoOn }: { onGoOn: () => void }) {
  const { t } = useWords()
  return (
    <Frame title={t('wiped.title')}>
      <p>{t('wiped.help')}</p>
      <button type="button" className="button button-main button-wide" onClick={onGoOn}>{t('session.sign_in')}</button>
    </Frame>
  )
}
