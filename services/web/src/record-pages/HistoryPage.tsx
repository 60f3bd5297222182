import { useInfiniteQuery } from '@tanstack/react-query'
import { type TextKey, useWords } from '~/i18n'
import { useCatalog } from '~/records/useCatalog'
import { entriesOf, fieldName, inWords } from '~/records/values'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { RecordHead } from './RecordHead'
import { MoreButton } from '~/lists/MoreButton'
import { useRecord } from './record-context'
import { type HistoryEntry, historyQuery } from './queries'

const ACTIONS: Record<string, TextKey> = { create: 'history.create', update: 'history.update', flag: 'history.flag', unflag: 'history.unflag' }

/** Who changed what, newest first. */
export default function HistoryPage() {
  const { t } = useWords()
  const { kind, id } = useRecord()
  const list = useInfiniteQuery(historyQuery(kind, id))
  const entries = list.data?.pages.flatMap((page) => page.data) ?? []
  return (
    <article className="page">
      <RecordHead />
      <h2>{t('case.history')}</h2>
      {list.error !== null && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Skeleton lines={8} />}
      <ol className="timeline narrow">
        {entries.map((entry, at) => <Entry key={`${entry.datetime}${at}`} entry={entry} />)}
      </ol>
      {list.hasNextPage && <MoreButton busy={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />}
    </article>
  )
}

function Entry({ entry }: { entry: HistoryEntry }) {
  const { t, moment } = useWords()
  const action = ACTIONS[entry.action]
  const changes = entry.record_changes.flatMap((one) => Object.entries(one))
  return (
    <li>
      <p className="small"><strong><bdi>{entry.user_name}</bdi></strong> · {action === undefined ? entry.action : t(action)} · <span className="soft">{moment(entry.datetime)}</span></p>
      <details>
        <summary className="small">{t('history.fields', { count: changes.length })}</summary>
        {changes.map(([name, change]) => <Change key={name} name={name} from={change.from} to={change.to} />)}
      </details>
    </li>
  )
}

function Change({ name, from, to }: { name: string; from: unknown; to: unknown }) {
  const words = useWords()
  const catalog = useCatalog()
  const { kind } = useRecord()
  const field = catalog.field(kind.type, name)
  const said = (value: unknown) => {
    if (field !== undefined) return inWords(catalog, field, value, words)
    if (Array.isArray(value) && entriesOf(value).length > 0) return words.t('record.entries', { count: value.length })
    return value === null || value === undefined ? '' : String(value)
  }
  const [before, after] = [said(from), said(to)]
  return (
    <p className="change small">
      <span className="soft">{fieldName(catalog, kind.type, name, words)}</span>
      <span>
        {before !== '' && <><del><bdi>{before}</bdi></del> → </>}
        <ins><bdi>{after === '' ? words.t('value.none') : after}</bdi></ins>
      </span>
    </p>
  )
}
