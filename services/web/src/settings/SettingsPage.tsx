import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useWords } from '~/i18n'
import { useSession } from '~/session/session'
import './settings.css'

/** Settings by right; everybody has their own account. */
export default function SettingsPage() {
  const { t } = useWords()
  const { may } = useSession()
  // The page that is there, not the one that is being loaded.
  const pathname = useRouterState({ select: (state) => state.resolvedLocation?.pathname })
  const nav = useRef<HTMLElement>(null)
  useEffect(() => {
    nav.current?.querySelector('[aria-current=page]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [pathname])
  const shapes = may('metadata', 'manage', 'manage_restricted')
  return (
    <div className="settings">
      <nav ref={nav} className="settings-nav no-print" aria-label={t('nav.settings')}>
        <Link to="/settings" className="section-link" activeOptions={{ exact: true }}>{t('settings.account')}</Link>
        {may('users', 'read', 'agency_read') && <Link to="/settings/users" className="section-link">{t('settings.users')}</Link>}
        {may('roles', 'read') && <Link to="/settings/roles" className="section-link">{t('settings.roles')}</Link>}
        {may('user_groups', 'read') && <Link to="/settings/groups" className="section-link">{t('settings.groups')}</Link>}
        {may('agencies', 'read') && <Link to="/settings/agencies" className="section-link">{t('settings.agencies')}</Link>}
        {shapes && <Link to="/settings/forms" className="section-link">{t('settings.forms')}</Link>}
        {shapes && <Link to="/settings/lookups" className="section-link">{t('settings.lookups')}</Link>}
        {shapes && <Link to="/settings/locations" className="section-link">{t('settings.locations')}</Link>}
        {shapes && <Link to="/settings/modules" className="section-link">{t('settings.modules')}</Link>}
        {may('systems', 'manage') && <Link to="/settings/contact" className="section-link">{t('contact.title')}</Link>}
        {may('codes_of_conduct', 'manage') && <Link to="/settings/conduct" className="section-link">{t('settings.conduct')}</Link>}
        {may('primero_configurations', 'manage') && <Link to="/settings/configurations" className="section-link">{t('settings.snapshots')}</Link>}
        {may('audit_logs', 'read') && <Link to="/settings/audit-log" className="section-link">{t('settings.audit_log')}</Link>}
      </nav>
      <div className="settings-page"><Outlet /></div>
    </div>
  )
}
