import { Link } from '@tanstack/react-router'
import { useWords } from '~/i18n'
import { PageTitle } from './PageTitle'

export function NotFound() {
  const { t } = useWords()
  return (
    <div className="page">
      <PageTitle title={t('page.not_found')} />
      <p>{t('page.not_found_help')}</p>
      <p><Link to="/">{t('nav.home')}</Link></p>
    </div>
  )
}
