import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Refused } from '~/api/problem'
import { PageTitle } from '~/app/PageTitle'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { useToast } from '~/ui/Toasts'
import { type Snapshot, send, snapshotsQuery } from '../api'
import { FaultsContext, Line } from '../fields'
import { Refusal } from '../WorkFrame'
import { useAdminWords } from '../words'

/** Snapshots of the whole configuration: to keep a state before a change, and to come back to it. */
export default function ConfigurationsPage() {
  const { t, moment } = useAdminWords()
  const snapshots = useQuery(snapshotsQuery)
  return (
    <div className="page">
      <PageTitle title={t('snapshots.title')} />
      <Take />
      {snapshots.error !== null && <Failure error={snapshots.error} retry={() => void snapshots.refetch()} />}
      {snapshots.isPending && <Skeleton lines={5} height={40} />}
      <div className="table-frame" tabIndex={0} role="region" aria-label={t('snapshots.title')}>
        <table className="table">
          <thead><tr><th>{t('roles.name')}</th><th>{t('snapshots.version')}</th><th>{t('snapshots.made')}</th><th>{t('snapshots.applied')}</th></tr></thead>
          <tbody>
            {(snapshots.data ?? []).map((one) => (
              <tr key={one.id}>
                <td><Link to="/settings/configurations/$id" params={{ id: one.id }}><bdi>{one.name ?? one.version}</bdi></Link>{one.description != null && <p className="small soft"><bdi>{one.description}</bdi></p>}</td>
                <td className="small" dir="ltr">{one.version}</td>
                <td>{moment(one.created_on)} · <bdi>{one.created_by}</bdi></td>
                <td>{one.applied_on == null ? '–' : `${moment(one.applied_on)} · ${one.applied_by ?? ''}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}

function Take() {
  const { t } = useAdminWords()
  const cache = useQueryClient()
  const say = useToast()
  const [form, setForm] = useState({ name: '', description: '', version: '' })
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const take = async () => {
    if (busy) return
    if (form.name.trim() === '') return setError(new Refused(422, [{ fields: [{ pointer: '/name', code: 'required', message: t('admin.required') }] }], null))
    setBusy(true)
    setError(null)
    try {
      await send<Snapshot>('/api/v2/configurations', null, Object.fromEntries(Object.entries(form).filter(([, value]) => value.trim() !== '')))
      await cache.invalidateQueries({ queryKey: ['admin', 'snapshots'] })
      setForm({ name: '', description: '', version: '' })
      say(t('snapshots.taken'))
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  const faults = error instanceof Refused ? error.faults : []
  return (
    <FaultsContext value={faults}>
      <form className="card stack" noValidate onSubmit={(event) => { event.preventDefault(); void take() }}>
        <h2>{t('snapshots.take')}</h2>
        <p className="soft">{t('snapshots.take_help')}</p>
        <div className="pair">
          <Line label={t('roles.name')} pointer="/name" wanted value={form.name} onChange={(name) => setForm({ ...form, name })} />
          <Line label={t('snapshots.version')} pointer="/version" help={t('snapshots.version_help')} code value={form.version} onChange={(version) => setForm({ ...form, version })} />
        </div>
        <Line label={t('roles.description')} pointer="/description" rows={2} value={form.description} onChange={(description) => setForm({ ...form, description })} />
        {error !== null && faults.length === 0 && <Refusal error={error} />}
        <div><button className="button button-main" aria-disabled={busy}>{t('snapshots.take')}</button></div>
      </form>
    </FaultsContext>
  )
}
