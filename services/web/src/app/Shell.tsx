import { useQuery } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import { alertCountsQuery } from '~/alerts/queries'
import { DeviceTrouble } from '~/device/DeviceTrouble'
import { useCaseload } from '~/device/useCaseload'
import { useWords } from '~/i18n'
import { Suspense, useId, useState } from 'react'
import { ALL_KINDS, type Kind, KINDS } from '~/records/kinds'
import { useMergeCount } from '~/merge/useInbox'
import { useOutboxCount } from '~/outbox/useOutbox'
import { useSession } from '~/session/session'
import { Dialog } from '~/ui/Dialog'
import { Icon, type IconName } from '~/ui/Icon'
import { Skeleton } from '~/ui/Skeleton'
import { setFieldMode } from '~/api/field-mode'
import { NetworkState } from './NetworkState'
import { UpdateNotice } from './UpdateNotice'
import { useFieldMode } from './useOnline'
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
        {session.may(KINDS.case.place, 'read') && <KindPlace kind={KINDS.case} />}
        <Place to="/outbox" icon="outbox" name={t('nav.outbox')} count={waiting} />
        <div className="places-desk"><FurtherPlaces /></div>
        <More />
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

/** Places for which a phone's bar has no room. */
function FurtherPlaces() {
  const { t } = useWords()
  const { may } = useSession()
  const isField = useFieldMode()
  const kinds = ALL_KINDS.filter((kind) => kind !== KINDS.case && may(kind.place, 'read'))
  return (
    <>
      {may('dashboards', 'dash_tasks') && <Place to="/tasks" icon="tasks" name={t('tasks.title')} />}
      {kinds.map((kind) => <KindPlace key={kind.type} kind={kind} />)}
      <MergePlace />
      <Place to="/settings" icon="settings" name={t('nav.settings')} />
      {!isField && <button type="button" className="place" onClick={() => setFieldMode(true)}><Icon name="field" /> <span>{t('field_mode.title')}</span></button>}
    </>
  )
}

function MergePlace() {
  const { t } = useWords()
  const count = useMergeCount()
  return <Place to="/merge" icon="merge" name={t('nav.merge')} count={count} says="merge.waiting" />
}

function More() {
  const { t } = useWords()
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" className="place place-more" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <Icon name="menu" /> <span>{t('nav.more')}</span>
      </button>
      {open && (
        <Dialog title={t('nav.more')} onClose={() => setOpen(false)}>
          <nav className="places-sheet" aria-label={t('nav.more')} onClick={() => setOpen(false)}><FurtherPlaces /></nav>
        </Dialog>
      )}
    </>
  )
}

const ICONS: Record<Kind['type'], IconName> = { case: 'cases', incident: 'warning', tracing_request: 'search', family: 'people', registry_record: 'registry' }

function KindPlace({ kind }: { kind: Kind }) {
  const { number, t } = useWords()
  // Beside the work: what home needs comes first.
  const alerts = useQuery({ ...alertCountsQuery, enabled: useCaseload()?.isFresh === true }).data?.[kind.type] ?? 0
  const said = useId()
  return (
    <>
      <Link to="/$place" params={{ place: kind.place }} search={kind.start} className="place" activeOptions={{ includeSearch: false }} {...(alerts > 0 && { 'aria-describedby': said })}>
        <Icon name={ICONS[kind.type]} /> <span>{t(`nav.${kind.type}`)}</span>
        {alerts > 0 && <span className="place-count" aria-hidden="true">{number(alerts)}</span>}
      </Link>
      {alerts > 0 && <span id={said} hidden>{t('case.alerts', { count: alerts })}</span>}
    </>
  )
}

interface PlaceProps {
  to: '/' | '/outbox' | '/merge' | '/tasks' | '/settings'
  icon: IconName
  name: string
  count?: number
  /** What is counted. */
  says?: 'nav.waiting' | 'merge.waiting'
  exact?: boolean
}

function Place({ to, icon, name, count = 0, says = 'nav.waiting', exact = false }: PlaceProps) {
  const { number, t } = useWords()
  return (
    <Link to={to} className="place" activeOptions={{ exact, includeSearch: false }}>
      <Icon name={icon} /> <span>{name}</span>
      {count > 0 && (
        <span className="place-count" role="img" aria-label={t(says, { count })}>{number(count)}</span>
      )}
    </Link>
  )
}
