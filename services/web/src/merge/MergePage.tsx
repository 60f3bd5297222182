import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { PageTitle } from '~/app/PageTitle'
import { useWords } from '~/i18n'
import { useHiddenNames } from '~/lists/HideNames'
import { type Conflict, recordQuery } from '~/record-pages/queries'
import { recordTitle } from '~/record-pages/record-context'
import { KINDS, codeOf } from '~/records/kinds'
import { useCatalog } from '~/records/useCatalog'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { ConflictCard } from './ConflictCard'
import { type Entry, putOff, renewInbox, takeUp } from './inbox'
import { useInbox } from './useInbox'
import '~/record-pages/record.css'

/** Fields that were changed on both sides, over all records: one is chosen, both are combined, or it waits. */
export default function MergePage() {
  const { t, ago } = useWords()
  const { may } = useSession()
  const inbox = useInbox()
  const asked = useQuery({ queryKey: ['conflicts'], queryFn: ({ signal }) => renewInbox((kind) => may(kind.place, 'write'), signal) })
  const parts = (isLater: boolean) =>
    inbox.entries
      .map((entry) => ({ ...entry, conflicts: entry.conflicts.filter((one) => inbox.later.includes(one.id) === isLater) }))
      .filter((entry) => entry.conflicts.length > 0)
  const [now, later] = [parts(false), parts(true)]
  const count = later.reduce((sum, entry) => sum + entry.conflicts.length, 0)
  return (
    <div className="page">
      <PageTitle title={t('nav.merge')} />
      <p className="small soft" role="status">
        {asked.isFetching ? t('merge.looking') : inbox.at === null ? '' : t('merge.as_of', { at: ago(inbox.at) })}
      </p>
      {asked.error !== null && <Failure error={asked.error} retry={() => void asked.refetch()} />}
      {asked.isPending && now.length === 0 && <Skeleton lines={5} height={60} />}
      {!asked.isFetching && now.length === 0 && later.length === 0 && <div className="empty card"><p>{t('merge.none')}</p></div>}
      {now.map((entry) => <Part key={entry.recordId} entry={entry} isLater={false} />)}
      {later.length > 0 && (
        <details className="entry">
          <summary>{t('merge.later_count', { count })}</summary>
          <div className="entry-body">{later.map((entry) => <Part key={entry.recordId} entry={entry} isLater />)}</div>
        </details>
      )}
    </div>
  )
}

function Part({ entry, isLater }: { entry: Entry; isLater: boolean }) {
  const { t } = useWords()
  const act = (conflict: Conflict) => (isLater ? takeUp(conflict.id) : putOff(conflict.id))
  return (
    <section className="stack" aria-labelledby={`merge-${entry.recordId}`}>
      <h2 id={`merge-${entry.recordId}`}><Named entry={entry} /></h2>
      {entry.conflicts.map((conflict) => (
        <ConflictCard key={conflict.id} kind={KINDS[entry.type]} id={entry.recordId} conflict={conflict}>
          <button type="button" className="button button-plain" onClick={() => void act(conflict)}>{t(isLater ? 'merge.take_up' : 'merge.later')}</button>
        </ConflictCard>
      ))}
    </section>
  )
}

function Named({ entry }: { entry: Entry }) {
  const { t, language } = useWords()
  const catalog = useCatalog()
  const hidden = useHiddenNames()
  const kind = KINDS[entry.type]
  const values = useQuery({ ...recordQuery(kind, entry.recordId), enabled: entry.title === undefined }).data?.data
  const code = entry.code ?? codeOf(kind, values ?? { id: entry.recordId })
  const known = entry.title ?? (values === undefined ? code : recordTitle({ kind, values }, catalog, language))
  const name = hidden && kind.namesPeople ? code : known
  return (
    <Link to="/$place/$id" params={{ place: kind.place, id: entry.recordId }}>
      <bdi>{name}</bdi> <span className="small soft">{t(`record.one.${kind.type}`)}{name !== code && <> · <span className="number">{code}</span></>}</span>
    </Link>
  )
}
