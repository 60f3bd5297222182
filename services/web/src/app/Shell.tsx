import { Link, Outlet } from '@tanstack/react-router'
import { Suspense } from 'react'
import { DeviceTrouble } from '~/device/DeviceTrouble'
import { useWords } from '~/i18n'
import { useOutboxCount } from '~/outbox/useOutbox'
import { useSession } from '~/session/session'
import { Icon, type IconName } from '~/ui/Icon'
import { Skeleton } from '~/ui/Skeleton'
import { NetworkState } from './NetworkState'
import { UpdateNotice } from './UpdateNotice'
import './shell.css'

/** Rail on a desk, bar on a phone; the page beside or above it. */
export function Shell() {
  const { t } = useWords()
  const session = useSession()
  const waiting = useOutboxCount()
  return (
    <div className="shell">
      <a className="skip button" href="#page">{t('nav.skip')}</a>
      <nav className="rail no-print" aria-label={t('nav.main')}>
        <div className="rail-head">
          <img src="/icon.svg" alt="" width="28" height="28" /> <strong>Amparo</strong>
        </div>
        <Place to="/" icon="home" name={t('nav.home')} exact />
        <Place to="/cases" search={{ status: 'open', record_state: 'true' }} icon="cases" name={t('nav.cases')} />
        <Place to="/outbox" icon="outbox" name={t('nav.outbox')} count={waiting} />
        <Place to="/settings" icon="settings" name={t('nav.settings')} />
        <div className="rail-foot">
          <NetworkState />
          <button type="button" className="place" onClick={session.lock}>
            <Icon name="lock" /> <span>{t('session.lock')}</span>
          </button>
        </div>
      </nav>
      <main id="page" className="shell-page" tabIndex={-1}>
        <UpdateNotice />
        <DeviceTrouble />
        <Suspense fallback={<div className="page"><Skeleton lines={6} /></div>}>
          <Outlet />
        </Suspense>
      </main>
    </div>
  )
}

interface PlaceProps {
  to: '/' | '/cases' | '/outbox' | '/settings'
  search?: Record<string, string>
  icon: IconName
  name: string
  count?: number
  exact?: boolean
}

function Place({ to, search, icon, name, count = 0, exact = false }: PlaceProps) {
  const { number, t } = useWords()
  return (
    <Link to={to} search={search ?? {}} className="place" activeOptions={{ exact, includeSearch: false }}>
      <Icon name={icon} /> <span>{name}</span>
      {count > 0 && (
        <span className="place-count" aria-label={t('nav.waiting', { count })}>{number(count)}</span>
      )}
    </Link>
  )
}
