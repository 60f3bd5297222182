import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { call } from '~/api/client'
import { PageTitle } from '~/app/PageTitle'
import { MoreButton } from '~/lists/MoreButton'
import { useWords } from '~/i18n'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'

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

/** Who did what, newest first. */
export default function AuditLogPage() {
  const { t, moment } = useWords()
  const [name, setName] = useState('')
  const [asked, setAsked] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setAsked(name.trim()), 300)
    return () => clearTimeout(timer)
  }, [name])
  const list = useInfiniteQuery({
    queryKey: ['audit-log', asked],
    initialPageParam: 1,
    queryFn: ({ pageParam, signal }) => call<Entry[]>('/api/v2/audit_logs', { query: { page: pageParam, per: PER, ...(asked === '' ? {} : { user_name: asked }) }, signal }),
    getNextPageParam: (last, pages) => (pages.length * PER < Number(last.metadata.total) ? pages.length + 1 : undefined),
    placeholderData: (previous) => previous,
  })
  const entries = list.data?.pages.flatMap((page) => page.data) ?? []
  return (
    <div className="page">
      <PageTitle title={t('settings.audit_log')} />
      <label className="field narrow">
        <span className="label">{t('session.user_name')}</span>
        <input className="input" dir="ltr" autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} />
      </label>
      {list.error !== null && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Skeleton lines={10} height={32} />}
      {entries.length > 0 && (
        <div className="table-frame" tabIndex={0} role="region" aria-label={t('settings.audit_log')}>
          <table className="table small">
            <thead><tr><th>{t('audit.when')}</th><th>{t('session.user_name')}</th><th>{t('audit.action')}</th><th>{t('audit.what')}</th></tr></thead>
            <tbody>
              {entries.map((entry) => (
                <tr key={entry.id}>
                  <td>{moment(entry.timestamp)}</td>
                  <td><bdi>{entry.user_name ?? '–'}</bdi></td>
                  <td dir="ltr">{entry.action.replaceAll('_', ' ')}</td>
                  <td><span dir="ltr">{entry.record_type.replaceAll('_', ' ')} {entry.display_id ?? ''}</span></td>
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
