import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { call } from '~/api/client'
import { Refused } from '~/api/problem'
import { PageTitle } from '~/app/PageTitle'
import { Dialog } from '~/ui/Dialog'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { useToast } from '~/ui/Toasts'
import { snapshotsQuery } from '../api'
import { Changes } from '../Review'
import { Refusal } from '../WorkFrame'
import { useWanted } from '../useAddress'
import { useAdminWords } from '../words'
import { type KindDiff, type Snapshot, type ThingDiff, diffSnapshots } from './diff'
import { usePresent } from './usePresent'

/** One snapshot beside what is in force now, and the step to apply it. */
export default function ConfigurationPage() {
  const id = useWanted() ?? ''
  const { t, moment, language } = useAdminWords()
  const snapshots = useQuery(snapshotsQuery)
  const content = useQuery({ queryKey: ['admin', 'snapshot', id], queryFn: async ({ signal }) => (await call<Snapshot>(`/api/amparo/v1/configurations/${id}/export`, { signal })).data })
  const present = usePresent()
  const [asked, setAsked] = useState<'apply' | 'remove' | null>(null)
  const snapshot = snapshots.data?.find((one) => one.id === id)
  const diff = useMemo(() => (content.data === undefined || present.data === null ? null : diffSnapshots(present.data, (content.data.data ?? content.data) as Snapshot, language)), [content.data, present.data, language])
  const error = snapshots.error ?? content.error ?? present.error
  return (
    <div className="page">
      <PageTitle title={<bdi>{snapshot?.name ?? t('snapshots.one')}</bdi>} />
      {error !== null && <Failure error={error} />}
      {snapshot !== undefined && (
        <p className="soft"><span dir="ltr">{snapshot.version}</span> · {moment(snapshot.created_on)} · <bdi>{snapshot.created_by}</bdi>{snapshot.applied_on != null && <> · {t('snapshots.applied')}: {moment(snapshot.applied_on)}</>}</p>
      )}
      {diff === null && error === null && <Skeleton lines={8} height={32} />}
      {diff !== null && (
        <>
          <h2>{t('snapshots.diff')}</h2>
          {diff.length === 0 && <p className="note note-success">{t('snapshots.same')}</p>}
          {diff.map((one) => <Kind key={one.kind} diff={one} />)}
          <div className="row">
            {snapshot?.can_apply === true && diff.length > 0 && <button type="button" className="button button-main" onClick={() => setAsked('apply')}>{t('snapshots.apply')}</button>}
            {snapshot?.can_apply === false && <p className="note">{t('snapshots.too_new')}</p>}
            <button type="button" className="button button-danger" onClick={() => setAsked('remove')}>{t('snapshots.remove')}</button>
          </div>
        </>
      )}
      {asked !== null && diff !== null && <Ask id={id} what={asked} diff={diff} onClose={() => setAsked(null)} />}
    </div>
  )
}

function Kind({ diff }: { diff: KindDiff }) {
  const { t, knows } = useAdminWords()
  const key = `snapshot_kind.${diff.kind}`
  return (
    <section className="card stack">
      <h3>{knows(key) ? t(key) : diff.kind}</h3>
      <Changes title={t('snapshots.goes')} kind="gone" lines={diff.removed} />
      <Changes title={t('snapshots.comes')} kind="new" lines={diff.created} />
      <Changes title={t('snapshots.stays')} kind="" lines={diff.stays} />
      {diff.changed.length > 0 && <h4>{t('impact.changed')} ({diff.changed.length})</h4>}
      {diff.changed.map((thing) => <ChangedThing key={thing.id} thing={thing} />)}
    </section>
  )
}

function ChangedThing({ thing }: { thing: ThingDiff }) {
  const { t } = useAdminWords()
  return (
    <details className="entry">
      <summary><bdi>{thing.name}</bdi> <span className="small soft">{t('snapshots.differences', { count: thing.differences.length })}</span></summary>
      <div className="entry-body">
        <div className="table-frame" tabIndex={0} role="region" aria-label={thing.name}>
          <table className="table small">
            <thead><tr><th>{t('audit.what')}</th><th>{t('snapshots.now')}</th><th>{t('snapshots.then')}</th></tr></thead>
            <tbody>{thing.differences.map((one, at) => <tr key={at}><td dir="ltr">{one.path.replaceAll('_i18n', '').replaceAll('_attributes', '').replaceAll('_', ' ')}</td><td><del><bdi>{one.before || '–'}</bdi></del></td><td><ins><bdi>{one.after || '–'}</bdi></ins></td></tr>)}</tbody>
          </table>
        </div>
      </div>
    </details>
  )
}

function Ask({ id, what, diff, onClose }: { id: string; what: 'apply' | 'remove'; diff: KindDiff[]; onClose: () => void }) {
  const { t } = useAdminWords()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const say = useToast()
  const [sure, setSure] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const removes = diff.reduce((sum, one) => sum + one.removed.length, 0)
  const run = async () => {
    if (busy || (what === 'apply' && !sure)) return
    setBusy(true)
    setError(null)
    try {
      if (what === 'apply') await call(`/api/amparo/v1/configurations/${id}/apply`, { method: 'POST', commandId: crypto.randomUUID(), patience: 120_000 })
      else await call(`/api/v2/configurations/${id}`, { method: 'DELETE' })
      say(t(what === 'apply' ? 'snapshots.done' : 'admin.removed'))
      onClose()
      if (what === 'remove') await navigate({ to: '/settings/configurations' })
      await cache.invalidateQueries()
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  const word = t(what === 'apply' ? 'snapshots.apply' : 'snapshots.remove')
  return (
    <Dialog
      title={word}
      onClose={onClose}
      foot={<>
        <button type="button" className="button" onClick={onClose}>{t('ui.cancel')}</button>
        <button type="button" className="button button-danger" aria-disabled={busy || (what === 'apply' && !sure)} onClick={() => void run()}>{busy ? t('ui.one_moment') : word}</button>
      </>}
    >
      <p>{t(what === 'apply' ? 'snapshots.apply_help' : 'snapshots.remove_help')}</p>
      {what === 'apply' && removes > 0 && <p className="note note-warning">{t('snapshots.removes', { count: removes })}</p>}
      {what === 'apply' && <label className="choice"><input type="checkbox" checked={sure} onChange={(event) => setSure(event.target.checked)} /> {t('snapshots.sure')}</label>}
      {error instanceof Refused && error.faults.length > 0
        ? <ul className="note note-danger" role="alert">{error.entries.map((entry, at) => <li key={at}><span dir="ltr">{String(entry.detail ?? '')}</span>: {entry.fields?.map((one) => one.message).join(' ')}</li>)}</ul>
        : error !== null && <Refusal error={error} />}
    </Dialog>
  )
}
