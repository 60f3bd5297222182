import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { PageTitle } from '~/app/PageTitle'
import { formerQuery } from '~/device/FormerWorkCard'
import { useCaseload } from '~/device/useCaseload'
import { useWords } from '~/i18n'
import { useHiddenNames } from '~/lists/HideNames'
import { useMergeCount } from '~/merge/useInbox'
import { useDrafts, useItems } from '~/outbox/useOutbox'
import { today } from '~/records/moments'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { Boards } from './Boards'
import { Numbers } from './Numbers'
import { type DueLine, dueLines } from './from-device'
import { homeQuery, ownCasesQuery } from './queries'
import type { HomeNumbers } from './shape'
import '~/record-pages/record.css'
import './home.css'

/** What there is to do today, whose number leads where, and what was worked on last. */
export default function HomePage() {
  const { t, ago } = useWords()
  const { user } = useSession()
  const home = useQuery(homeQuery(user.user_name))
  const numbers = home.data?.numbers
  const own = useQuery(ownCasesQuery(user.user_name, useCaseload()?.caseload?.at)).data ?? []
  return (
    <div className="page">
      <PageTitle title={t('home.hello', { name: user.full_name ?? user.user_name })} />
      <Waiting />
      {home.error !== null && <Failure error={home.error} retry={() => void home.refetch()} />}
      {home.data?.fromDevice === true && <p className="note note-warning small">{home.data.numbers.as_of === '' ? t('caseload.none') : t('home.from_device', { at: ago(home.data.numbers.as_of) })}</p>}
      {home.isPending && <Skeleton lines={6} height={44} />}
      {numbers !== undefined && (
        <div className="cards cards-wide">
          {numbers.tasks !== undefined && <Today tasks={numbers.tasks} lines={dueLines(own, today())} />}
          <Numbers numbers={numbers} />
          {own.length > 0 && <Recent cases={own} />}
          <Boards numbers={numbers} />
        </div>
      )}
    </div>
  )
}

/** Work on this device comes first: nobody else can see it. Then what two people wrote. */
function Waiting() {
  const { t } = useWords()
  const unsent = useItems().length + useDrafts().size
  const toSettle = useMergeCount()
  const former = (useQuery(formerQuery).data ?? []).reduce((sum, one) => sum + one.count, 0)
  return (
    <>
      {unsent > 0 && <p className="note note-warning"><Link to="/outbox">{t('home.unsent', { count: unsent })}</Link></p>}
      {former > 0 && <p className="note note-warning"><Link to="/outbox">{t('former.title', { count: former })}</Link></p>}
      {toSettle > 0 && <p className="note note-warning"><Link to="/merge">{t('merge.waiting', { count: toSettle })}</Link></p>}
    </>
  )
}

const SHOWN = 8

function Today({ tasks, lines }: { tasks: NonNullable<HomeNumbers['tasks']>; lines: DueLine[] }) {
  const { t } = useWords()
  const nothing = tasks.overdue + tasks.due_soon === 0
  return (
    <section className="card stack-tight" aria-labelledby="today">
      <h2 id="today">{t('home.today')}</h2>
      {nothing && <p className="soft">{t('home.nothing_due')}</p>}
      {!nothing && (
        <p className="row">
          <Link to="/tasks" search={{ due: 'overdue' }} className={tasks.overdue > 0 ? 'mark mark-danger mark-link' : 'mark mark-link'}>{t('tasks.overdue', { count: tasks.overdue })}</Link>
          <Link to="/tasks" search={{ due: 'soon' }} className="mark mark-link">{t('tasks.soon', { count: tasks.due_soon })}</Link>
        </p>
      )}
      <ul className="lines">
        {lines.slice(0, SHOWN).map((line) => <li key={`${line.id}${line.kind}${line.on}${line.detail}`}><DueRow line={line} /></li>)}
      </ul>
      {lines.length > SHOWN && <p><Link to="/tasks" className="small">{t('home.more_tasks', { count: lines.length - SHOWN })}</Link></p>}
    </section>
  )
}

function DueRow({ line }: { line: DueLine }) {
  const { t, date } = useWords()
  const hidden = useHiddenNames()
  return (
    <Link to="/$place/$id" params={{ place: 'cases', id: line.id }} className="task">
      <span className="stack-none"><bdi>{hidden || line.name === '' ? line.code : line.name}</bdi><span className="soft small">{t(`due.${line.kind}`)}</span></span>
      <span className={line.overdue ? 'mark mark-danger' : 'mark'}>{line.overdue ? `${t('case.overdue')} · ${date(line.on)}` : date(line.on)}</span>
    </Link>
  )
}

function Recent({ cases }: { cases: Record<string, unknown>[] }) {
  const { t, ago } = useWords()
  const hidden = useHiddenNames()
  const at = (one: Record<string, unknown>) => String(one.last_updated_at ?? '')
  const rows = [...cases].sort((one, other) => at(other).localeCompare(at(one))).slice(0, SHOWN)
  return (
    <section className="card stack-tight" aria-labelledby="recent">
      <h2 id="recent">{t('home.recent')}</h2>
      <ul className="lines">
        {rows.map((row) => (
          <li key={String(row.id)}>
            <Link to="/$place/$id" params={{ place: 'cases', id: String(row.id) }} className="section-link">
              <bdi>{String(hidden || row.name == null ? row.case_id_display : row.name)}</bdi>
              <span className="soft small nowrap">{at(row) !== '' && ago(at(row))}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}
