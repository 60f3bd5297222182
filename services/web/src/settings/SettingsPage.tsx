import { Link, Outlet } from '@tanstack/react-router'
import { useWords } from '~/i18n'
import { useSession } from '~/session/session'
import './settings.css'

/** Settings by right; everybody has their own account. */
export default function SettingsPage() {
  const { t } = useWords()
  const { may } = useSession()
  return (
    <div className="settings">
      <nav className="settings-nav no-print" aria-label={t('nav.settings')}>
        <Link to="/settings" className="section-link" activeOptions={{ exact: true }}>{t('settings.account')}</Link>
        {may('users', 'read') && <Link to="/settings/users" className="section-link">{t('settings.users')}</Link>}
        {may('roles', 'read') && <Link to="/settings/roles" className="section-link">{t('settings.roles')}</Link>}
        {may('metadata', 'manage', 'manage_restricted') && <Link to="/settings/forms" className="section-link">{t('settings.forms')}</Link>}
        {may('audit_logs', 'read') && <Link to="/settings/audit-log" className="section-link">{t('settings.audit_log')}</Link>}
      </nav>
      <div className="settings-page"><Outlet /></div>
    </div>
  )
}
