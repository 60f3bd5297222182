import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { PageTitle } from '~/app/PageTitle'
import { useWords } from '~/i18n'
import { useCatalog } from '~/records/useCatalog'
import { KINDS } from '~/records/kinds'
import { fieldName } from '~/records/values'
import { CaseloadCard } from '~/device/CaseloadCard'
import { FormerWorkCard, formerQuery } from '~/device/FormerWorkCard'
import { Dialog } from '~/ui/Dialog'
import { type Act, type Draft, type Item, recordOf } from './model'
import { hurry } from './sender'
import { useDrafts, useItems } from './useOutbox'
import { allItems, dropDraft, putItems, takeBack } from './work'

/** Everything that is on this device and not on the server: what, since when, why, and what can be done. */
export default function OutboxPage() {
  const { t } = useWords()
  const items = useItems()
  const drafts = [...useDrafts().values()]
  const hasFormer = (useQuery(formerQuery).data ?? []).length > 0
  const empty = items.length === 0 && drafts.length === 0 && !hasFormer
  return (
    <div className="page">
      <PageTitle title={t('nav.outbox')}>
        {items.length > 0 && <button type="button" className="button" onClick={() => void hurry()}>{t('outbox.send_now')}</button>}
      </PageTitle>
      <FormerWorkCard />
      <div className="narrow"><CaseloadCard /></div>
      {empty && <div className="empty card"><p>{t('outbox.empty')}</p></div>}
      <ul className="stack narrow">
        {items.map((item) => <li key={item.id}><ItemCard item={item} /></li>)}
        {drafts.map((draft) => <li key={draft.id}><DraftCard draft={draft} /></li>)}
      </ul>
    </div>
  )
}

/** "Risk level, Age and 3 more of case 3f2a91c". */
function Sentence({ of, isNew }: { of: Pick<Item, 'act' | 'patch' | 'type' | 'recordId'>; isNew: boolean }) {
  const words = useWords()
  const catalog = useCatalog()
  const names = Object.keys(of.patch).filter((name) => name !== 'module_id').map((name) => fieldName(catalog, of.type, name, words))
  const fields = names.slice(0, 3).join(', ')
  const code = of.recordId.slice(-7)
  if (of.act !== undefined) return <ActSentence act={of.act} what={`${words.t(`record.one.${of.type}`)} ${code}`} />
  if (isNew) return <p><strong>{words.t(`outbox.new.${of.type}`, { code })}</strong></p>
  return <p><strong>{words.t(`outbox.changed.${of.type}`, { fields, code })}</strong>{names.length > 3 && <span className="soft"> {words.t('outbox.and_more', { count: names.length - 3 })}</span>}</p>
}

function ActSentence({ act, what }: { act: Act; what: string }) {
  const { t } = useWords()
  return (
    <>
      <p><strong>{t(`outbox.act.${act.is}`, { what })}</strong></p>
      {'message' in act && <p className="flag-words"><bdi>{act.message}</bdi></p>}
    </>
  )
}

function ItemCard({ item }: { item: Item }) {
  const { t, ago } = useWords()
  const navigate = useNavigate()
  const [discarding, setDiscarding] = useState(false)
  const edit = async () => {
    await takeBack(item, item.base, item.patch)
    await navigate({ to: '/$place/$id', params: { place: KINDS[item.type].place, id: item.recordId } })
  }
  const retry = () => putItems(allItems().map((one) => (one.id === item.id ? { ...one, refusal: null, nextAt: 0 } : one))).then(hurry)
  return (
    <section className="card stack-tight">
      <Sentence of={item} isNew={item.isNew} />
      <p className="row small">
        <span className={item.refusal === null ? 'mark mark-warning' : 'mark mark-danger'}>{t(item.refusal === null ? 'work.waiting' : 'work.refused')}</span>
        <span className="soft">{ago(item.at)}</span>
        {item.tries > 0 && <span className="soft">{t('outbox.tries', { count: item.tries })}</span>}
      </p>
      {item.refusal !== null && <Reason item={item} />}
      <p className="row">
        {(item.refusal !== null || item.tries === 0) && item.act?.is !== 'dismiss' && <button type="button" className="button" onClick={() => void edit()}>{t('outbox.edit')}</button>}
        <button type="button" className="button" onClick={() => void retry()}>{t('outbox.retry')}</button>
        <button type="button" className="button button-danger" onClick={() => setDiscarding(true)}>{t('save.discard')}</button>
      </p>
      {discarding && <Discard onClose={() => setDiscarding(false)} onYes={() => void putItems(allItems().filter((one) => one.id !== item.id))} />}
    </section>
  )
}

function Reason({ item }: { item: Item }) {
  const words = useWords()
  const catalog = useCatalog()
  const refusal = item.refusal
  if (refusal === null) return null
  const general = refusal.status === 403 ? 'error.forbidden' : refusal.status === 404 ? 'error.not_found' : refusal.status === 410 ? 'error.erased' : 'outbox.refused'
  return (
    <div className="note note-danger small">
      {refusal.faults.length === 0 && <p>{words.t(general)}</p>}
      <ul>
        {refusal.faults.map((fault) => (
          <li key={fault.pointer}>{fieldName(catalog, item.type, fault.pointer.split('/')[1] ?? '', words)}: {fault.message}</li>
        ))}
      </ul>
    </div>
  )
}

function DraftCard({ draft }: { draft: Draft }) {
  const { t, ago } = useWords()
  const [discarding, setDiscarding] = useState(false)
  return (
    <section className="card stack-tight">
      <Sentence of={{ patch: draft.patch, type: draft.type, recordId: recordOf(draft), ...(draft.act !== undefined && { act: draft.act }) }} isNew={draft.isNew} />
      <p className="row small"><span className="mark">{t('work.draft')}</span><span className="soft">{ago(draft.savedAt)}</span></p>
      <p className="row">
        <Link to="/$place/$id" params={{ place: KINDS[draft.type].place, id: recordOf(draft) }} className="button">{t('outbox.go_on')}</Link>
        <button type="button" className="button button-danger" onClick={() => setDiscarding(true)}>{t('save.discard')}</button>
      </p>
      {discarding && <Discard onClose={() => setDiscarding(false)} onYes={() => void dropDraft(draft.id)} />}
    </section>
  )
}

function Discard({ onClose, onYes }: { onClose: () => void; onYes: () => void }) {
  const { t } = useWords()
  return (
    <Dialog
      title={t('save.discard_title')}
      onClose={onClose}
      foot={<>
        <button type="button" className="button" onClick={onClose}>{t('ui.cancel')}</button>
        <button type="button" className="button button-danger" onClick={onYes}>{t('save.discard')}</button>
      </>}
    >
      <p>{t('outbox.discard_help')}</p>
    </Dialog>
  )
}
