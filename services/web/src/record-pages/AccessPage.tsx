import { useInfiniteQuery } from '@tanstack/react-query'
import { useWords } from '~/i18n'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { RecordHead } from './RecordHead'
import { MoreButton } from '~/lists/MoreButton'
import { Visibility } from './Visibility'
import { useRecord } from './record-context'
import { accessQuery } from './queries'

/** Who can see the record and why; who looked at it or changed it. */
export default function AccessPage() {
  const { t, moment } = useWords()
  const { kind, id } = useRecord()
  const list = useInfiniteQuery(accessQuery(kind, id))
  const entries = list.data?.pages.flatMap((page) => page.data) ?? []
  return (
    <article className="page">
      <RecordHead />
      <Visibility />
      <h2>{t('access.title')}</h2>
      {list.error !== null && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Skeleton lines={8} />}
      {list.data !== undefined && entries.length === 0 && <p className="soft">{t('access.none')}</p>}
      <ol className="timeline narrow">
        {entries.map((entry) => (
          <li key={entry.id}>
            <p className="small"><strong><bdi>{entry.full_name ?? entry.user_name}</bdi></strong> · {t(entry.action === 'show' ? 'access.show' : 'access.update')} · <span className="soft">{moment(entry.timestamp)}</span></p>
            {entry.role_name !== undefined && <p className="tiny soft">{entry.role_name}</p>}
          </li>
        ))}
      </ol>
      {list.hasNextPage && <MoreButton busy={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />}
    </article>
  )
}
