import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Suspense, lazy, useEffect, useRef, useState } from 'react'
import { Unreachable } from '~/api/problem'
import { useWords } from '~/i18n'
import { type FlagAct, actDraftId } from '~/outbox/model'
import { useActs, useDrafts } from '~/outbox/useOutbox'
import { useRecord } from '~/record-pages/record-context'
import { today } from '~/records/moments'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { Icon } from '~/ui/Icon'
import { openFlags } from './count'
import { type ShownFlag, flagsNow, flagsQuery } from './flags'

const FlagDialog = lazy(() => import('./FlagDialog'))

/** What somebody wants looked at: set, read, corrected, and dealt with. */
export function FlagsCard() {
  const { t } = useWords()
  const { may, user } = useSession()
  const { kind, id, isNew, values } = useRecord()
  const acts = useActs(id)
  const drafts = useDrafts()
  const [writing, setWriting] = useState<FlagAct | null>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  // The mark in the head leads here, from other pages before this card is there.
  useEffect(() => {
    if (location.hash === '#flags') heading.current?.scrollIntoView({ block: 'center' })
  }, [])
  const mayFlag = may(kind.place, 'flag')
  const list = useQuery({ ...flagsQuery(kind, id), enabled: mayFlag && !isNew })
  if (!mayFlag || isNew) return null
  const { open, resolved } = flagsNow(list.data ?? [], acts, user.user_name)
  const fresh: FlagAct = { is: 'flag', message: '', date: today() }
  // Of a record that was never opened with a network, only the number is here.
  const unread = list.data === undefined && list.error instanceof Unreachable ? openFlags(values.flag_count, acts) : 0
  return (
    <section className="card stack-tight" aria-labelledby="flags">
      <h2 id="flags" ref={heading}>{t('filter.flagged')}</h2>
      {unread > 0 && <p className="soft">{t('flags.unread', { count: unread })}</p>}
      {list.error !== null && !(list.error instanceof Unreachable) && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.data !== undefined && open.length === 0 && <p className="soft">{t('flags.none')}</p>}
      <ul className="lines">
        {open.map((flag) => <li key={flag.id}><FlagLine flag={flag} onWrite={setWriting} /></li>)}
      </ul>
      {resolved.length > 0 && (
        <details>
          <summary className="small">{t('flags.resolved', { count: resolved.length })}</summary>
          <ul className="lines">{resolved.map((flag) => <li key={flag.id}><FlagLine flag={flag} onWrite={setWriting} /></li>)}</ul>
        </details>
      )}
      <div className="row no-print">
        <button type="button" className="button" aria-haspopup="dialog" onClick={() => setWriting(fresh)}><Icon name="flag" /> {t('flags.add')}</button>
        {drafts.has(actDraftId(id, fresh)) && <span className="mark mark-warning">{t('work.draft')}</span>}
      </div>
      <Suspense>{writing !== null && <FlagDialog act={writing} onClose={() => setWriting(null)} />}</Suspense>
    </section>
  )
}

function FlagLine({ flag, onWrite }: { flag: ShownFlag; onWrite: (act: FlagAct) => void }) {
  const { t, date } = useWords()
  const { may } = useSession()
  const { kind, id } = useRecord()
  const drafts = useDrafts()
  const isKnown = flag.id > 0
  const resolve: FlagAct = { is: 'unflag', flag: flag.id, message: '' }
  const change: FlagAct = { is: 'reflag', flag: flag.id, message: flag.message, date: flag.date ?? today() }
  const isDraft = drafts.has(actDraftId(id, resolve)) || drafts.has(actDraftId(id, change))
  return (
    <div className="flag stack-tight">
      <p className="row small">
        <span className="mark mark-accent">{flag.date === null ? '–' : date(flag.date)}</span>
        <span className="soft"><bdi>{flag.flagged_by}</bdi></span>
        {flag.unsent !== null && <Link to="/outbox" className="mark mark-warning">{t(`work.${flag.unsent}`)}</Link>}
        {isDraft && <span className="mark mark-warning">{t('work.draft')}</span>}
      </p>
      <p className="flag-words"><bdi>{flag.message}</bdi></p>
      {flag.removed && (
        <div className="note small">
          <p className="flag-words"><bdi>{flag.unflag_message}</bdi></p>
          <p className="soft">{t('conflict.by', { name: flag.unflagged_by ?? '–', at: flag.unflagged_date === null ? '–' : date(flag.unflagged_date) })}</p>
        </div>
      )}
      {!flag.removed && isKnown && flag.unsent !== 'waiting' && (
        <p className="row no-print">
          <button type="button" className="button" aria-haspopup="dialog" onClick={() => onWrite(resolve)}>{t('flags.resolve')}<span className="only-read">: {flag.message}</span></button>
          {may(kind.place, 'flag_update') && <button type="button" className="button button-plain" aria-haspopup="dialog" onClick={() => onWrite(change)}>{t('flags.change')}<span className="only-read">: {flag.message}</span></button>}
        </p>
      )}
    </div>
  )
}
