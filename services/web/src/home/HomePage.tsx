import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { PageTitle } from '~/app/PageTitle'
import { useHiddenNames } from '~/lists/HideNames'
import { useWords } from '~/i18n'
import { KINDS } from '~/records/kinds'
import { useDrafts, useItems } from '~/outbox/useOutbox'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { type Task, recentQuery, tasksQuery } from './queries'
import '~/record-pages/record.css'

/** What there is to do today, and what was worked on last. */
export default function HomePage() {
  const { t } = useWords()
  const { user, may } = useSession()
  return (
    <div className="page">
      <PageTitle title={t('home.hello', { name: user.full_name ?? user.user_name })} />
      <Unsent />
      <div className="cards cards-wide">
        {may('dashboards', 'dash_tasks') && <Today />}
        {may('cases', 'read') && <Recent />}
      </div>
    </div>
  )
}

/** Work on this device comes first: nobody else can see it. */
function Unsent() {
  const { t } = useWords()
  const items = useItems().length
  const drafts = useDrafts().size
  if (items + drafts === 0) return null
  return <p className="note note-warning"><Link to="/outbox">{t('home.unsent', { count: items + drafts })}</Link></p>
}

function Today() {
  const { t } = useWords()
  const tasks = useQuery(tasksQuery)
  const overdue = tasks.data?.rows.filter((task) => task.overdue) ?? []
  const soon = tasks.data?.rows.filter((task) => !task.overdue) ?? []
  return (
    <section className="card stack-tight" aria-labelledby="today">
      <h2 id="today">{t('home.today')}</h2>
      {tasks.isPending && <Skeleton lines={5} height={36} />}
      {tasks.error !== null && <Failure error={tasks.error} retry={() => void tasks.refetch()} />}
      {tasks.data !== undefined && tasks.data.rows.length === 0 && <p className="soft">{t('home.nothing_due')}</p>}
      <ul className="lines">
        {[...overdue, ...soon].slice(0, 8).map((task) => <TaskRow key={`${task.id}${task.type}${task.due_date}${task.detail}`} task={task} />)}
      </ul>
      {tasks.data !== undefined && tasks.data.total > 8 && <p className="small soft">{t('home.more_tasks', { count: tasks.data.total - 8 })}</p>}
    </section>
  )
}

function TaskRow({ task }: { task: Task }) {
  const { t, date } = useWords()
  const hidden = useHiddenNames()
  const name = hidden || task.name == null ? task.record_id_display : task.name
  return (
    <li>
      <Link to="/$place/$id" params={{ place: 'cases', id: task.id }} className="task">
        <span className="stack-none"><bdi>{name}</bdi><span className="soft small">{task.type_display}</span></span>
        <span className={task.overdue ? 'mark mark-danger' : 'mark'}>{task.overdue ? `${t('case.overdue')} · ${date(task.due)}` : date(task.due)}</span>
      </Link>
    </li>
  )
}

function Recent() {
  const { t, ago } = useWords()
  const hidden = useHiddenNames()
  const recent = useQuery(recentQuery)
  return (
    <section className="card stack-tight" aria-labelledby="recent">
      <div className="card-head">
        <h2 id="recent">{t('home.recent')}</h2>
        <Link to="/$place" params={{ place: 'cases' }} search={KINDS.case.start} className="small">{t('home.open_cases', { count: recent.data?.total ?? 0 })}</Link>
      </div>
      {recent.isPending && <Skeleton lines={5} height={36} />}
      {recent.error !== null && <Failure error={recent.error} retry={() => void recent.refetch()} />}
      <ul className="lines">
        {(recent.data?.rows ?? []).map((row) => (
          <li key={row.id}>
            <Link to="/$place/$id" params={{ place: 'cases', id: row.id }} className="section-link">
              <bdi>{hidden || row.name == null ? String(row.case_id_display) : row.name}</bdi>
              <span className="soft small nowrap">{typeof row.last_updated_at === 'string' && ago(row.last_updated_at)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}
