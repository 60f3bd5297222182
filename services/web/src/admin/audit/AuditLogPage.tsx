import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { call } from '~/api/client'
import { settingsQuery } from '~/api/queries'
import { PageTitle } from '~/app/PageTitle'
import { MoreButton } from '~/lists/MoreButton'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { Line, One } from '../fields'
import { useAddress } from '../useAddress'
import { useAdminWords } from '../words'

interface Entry {
  id: number
  display_id: string | null
  record_type: string
  user_name: string | null
  action: string
  timestamp: string
  metadata: { remote_ip?: string; http_method?: string }
}

const PER = 100
const words = (name: string) => name.replaceAll('_', ' ')

/** Who did what, newest first; by person, action, kind and time. */
export default function AuditLogPage() {
  const { t, moment } = useAdminWords()
  const [search] = useAddress()
  const [name, setName] = useState('')
  const [asked, setAsked] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setAsked(name.trim()), 300)
    return () => clearTimeout(timer)
  }, [name])
  const filters = {
    ...(asked === '' ? {} : { user_name: asked }),
    ...(search.action === undefined ? {} : { audit_log_actions: [search.action] }),
    ...(search.kind === undefined ? {} : { record_type: [search.kind] }),
    ...(search.from === undefined ? {} : { from: new Date(search.from).toISOString() }),
    ...(search.to === undefined ? {} : { to: new Date(search.to).toISOString() }),
  }
  const list = useInfiniteQuery({
    queryKey: ['admin', 'audit-log', filters],
    initialPageParam: 1,
    queryFn: ({ pageParam, signal }) => call<Entry[]>('/api/v2/audit_logs', { query: { page: pageParam, per: PER, ...filters }, signal }),
    getNextPageParam: (last, pages) => (pages.length * PER < Number(last.metadata.total) ? pages.length + 1 : undefined),
    placeholderData: (previous) => previous,
  })
  const entries = list.data?.pages.flatMap((page) => page.data) ?? []
  const total = list.data?.pages[0]?.metadata.total
  return (
    <div className="page">
      <PageTitle title={t('settings.audit_log')} of="/settings/audit-log" />
      <Filters name={name} onName={setName} />
      <p className="small soft" role="status">{total === undefined ? ' ' : t('audit.total', { count: Number(total) })}</p>
      {list.error !== null && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && list.error === null && <Skeleton lines={10} height={32} />}
      {entries.length > 0 && (
        <div className="table-frame" tabIndex={0} role="region" aria-label={t('settings.audit_log')}>
          <table className="table small">
            <thead><tr><th>{t('audit.when')}</th><th>{t('session.user_name')}</th><th>{t('audit.action')}</th><th>{t('audit.what')}</th><th>{t('audit.from_where')}</th></tr></thead>
            <tbody>
              {entries.map((entry) => (
                <tr key={entry.id}>
                  <td>{moment(entry.timestamp)}</td>
                  <td><bdi>{entry.user_name ?? '–'}</bdi></td>
                  <td dir="ltr">{words(entry.action)}</td>
                  <td><span dir="ltr">{words(entry.record_type)} {entry.display_id ?? ''}</span></td>
                  <td dir="ltr">{entry.metadata.remote_ip}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.data !== undefined && entries.length === 0 && <p className="empty card">{t('choose.nothing')}</p>}
      {list.hasNextPage && <MoreButton busy={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />}
    </div>
  )
}

function Filters({ name, onName }: { name: string; onName: (name: string) => void }) {
  const { t } = useAdminWords()
  const [search, change] = useAddress()
  const settings = useQuery(settingsQuery)
  const known = settings.data?.audit_log as { actions?: string[]; record_types?: string[] } | undefined
  const options = (names: string[] | undefined) => [...(names ?? [])].sort().map((id) => ({ id, name: words(id) }))
  return (
    <div className="filters">
      <Line label={t('session.user_name')} pointer="" code value={name} onChange={onName} />
      <One label={t('audit.action')} pointer="" none={t('admin.any')} value={search.action ?? ''} onChange={(action) => change({ action: action || undefined })} options={options(known?.actions)} />
      <One label={t('audit.what')} pointer="" none={t('admin.any')} value={search.kind ?? ''} onChange={(kind) => change({ kind: kind || undefined })} options={options(known?.record_types)} />
      <Line label={t('audit.from')} pointer="" type="datetime-local" value={search.from ?? ''} onChange={(from) => change({ from: from || undefined })} />
      <Line label={t('audit.to')} pointer="" type="datetime-local" value={search.to ?? ''} onChange={(to) => change({ to: to || undefined })} />
    </div>
  )
}
