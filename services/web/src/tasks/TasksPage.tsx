import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { Unreachable } from '~/api/problem'
import { PageTitle } from '~/app/PageTitle'
import { useCaseload } from '~/device/useCaseload'
import { dueLines } from '~/home/from-device'
import { ownCasesQuery } from '~/home/queries'
import { useWords } from '~/i18n'
import { HideNames, useHiddenNames } from '~/lists/HideNames'
import { MoreOnScroll } from '~/lists/MoreButton'
import { today } from '~/records/moments'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { tasksQuery } from './queries'
import { type TaskLine, inRange } from './lines'
import '~/record-pages/record.css'

const RANGES = ['all', 'overdue', 'soon'] as const

/** What is due in one's open cases, the oldest first; without a network, what the device knows of it. */
export default function TasksPage() {
  const { t } = useWords()
  const { due = 'all' } = useSearch({ from: '/tasks' })
  const tasks = useInfiniteQuery(tasksQuery)
  const isAway = tasks.error instanceof Unreachable
  const device = useDeviceLines(isAway)
  const all = isAway ? device : (tasks.data?.pages.flatMap((page) => page.rows) ?? []).map((task): TaskLine => ({ id: task.id, name: task.name ?? '', code: task.record_id_display, what: task.type_display, on: task.due, overdue: task.overdue }))
  const lines = all.filter((line) => inRange(line, due, today()))
  return (
    <div className="page">
      <PageTitle title={t('tasks.title')} of="/tasks"><HideNames /></PageTitle>
      <nav className="row" aria-label={t('tasks.title')}>
        {RANGES.map((range) => (
          <Link key={range} to="/tasks" search={range === 'all' ? {} : { due: range }} className="button" activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }} aria-current={range === due ? 'page' : undefined}>{t(`tasks.range.${range}`)}</Link>
        ))}
      </nav>
      {isAway && <p className="note note-warning small">{t('list.from_device')}</p>}
      {tasks.error !== null && !isAway && <Failure error={tasks.error} retry={() => void tasks.refetch()} />}
      {tasks.isPending && <Skeleton lines={8} height={48} />}
      {(tasks.data !== undefined || isAway) && lines.length === 0 && <div className="empty card"><p>{t('home.nothing_due')}</p></div>}
      {lines.length > 0 && <ul className="card lines-card">{lines.map((line) => <li key={`${line.id}${line.what}${line.on}`}><Row line={line} /></li>)}</ul>}
      {tasks.hasNextPage && !isAway && <MoreOnScroll busy={tasks.isFetchingNextPage} onMore={() => void tasks.fetchNextPage()} />}
    </div>
  )
}

function useDeviceLines(wanted: boolean): TaskLine[] {
  const { t } = useWords()
  const { user } = useSession()
  const own = useQuery({ ...ownCasesQuery(user.user_name, useCaseload()?.caseload?.at), enabled: wanted }).data ?? []
  return dueLines(own, today()).map((line) => ({ ...line, what: t(`due.${line.kind}`) }))
}

function Row({ line }: { line: TaskLine }) {
  const { t, date } = useWords()
  const hidden = useHiddenNames()
  return (
    <Link to="/$place/$id" params={{ place: 'cases', id: line.id }} className="task">
      <span className="stack-none"><bdi>{hidden || line.name === '' ? line.code : line.name}</bdi><span className="soft small">{line.what}</span></span>
      <span className={line.overdue ? 'mark mark-danger' : 'mark'}>{line.overdue ? `${t('case.overdue')} · ${date(line.on)}` : date(line.on)}</span>
    </Link>
  )
}
