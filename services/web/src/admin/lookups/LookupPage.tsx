import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '~/api/client'
import { Refused } from '~/api/problem'
import type { Lookup } from '~/api/schemas'
import { PageTitle } from '~/app/PageTitle'
import { inLanguage } from '~/records/catalog'
import { useSession } from '~/session/session'
import { Dialog } from '~/ui/Dialog'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { useToast } from '~/ui/Toasts'
import { allFormsQuery, oneQuery, freshly, send } from '../api'
import { Texts } from '../fields'
import { useWanted } from '../useAddress'
import { useWork } from '../useWork'
import { Refusal, WorkFrame } from '../WorkFrame'
import { useAdminWords } from '../words'
import { Options } from './Options'
import { lookupBody, lookupFaults, lookupForm } from './values'

type Stored = Lookup & { id: number; locked?: boolean }

export default function LookupPage() {
  const id = useWanted()
  const { t } = useAdminWords()
  const lookup = useQuery({ ...oneQuery<Stored>('lookup', '/api/v2/lookups', id ?? ''), enabled: id !== null })
  if (id !== null && lookup.data === undefined) {
    return <div className="page"><PageTitle title={t('lookups.one')} />{lookup.error === null ? <Skeleton lines={8} height={40} /> : <Failure error={lookup.error} retry={() => void lookup.refetch()} />}</div>
  }
  return <Editor key={`${id}/${JSON.stringify(lookup.data?.values.map((one) => one.id) ?? '')}`} lookup={lookup.data ?? null} />
}

function Editor({ lookup }: { lookup: Stored | null }) {
  const { t, language } = useAdminWords()
  const { may } = useSession()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const forms = useQuery(allFormsQuery)
  const work = useWork(`lookup/${lookup?.id ?? 'new'}`, lookupForm(lookup), async (form, before) => {
    const faults = lookupFaults(form, t('admin.required'), t('admin.twice'))
    if (faults.length > 0) throw new Refused(422, [{ fields: faults }], null)
    await send('/api/v2/lookups', lookup?.id ?? null, lookupBody(before, form, lookup === null))
    await cache.invalidateQueries({ queryKey: ['config', 'lookups'] })
    void cache.invalidateQueries({ queryKey: ['admin'] })
  }, freshly('/api/v2/lookups', lookup, lookupForm))
  const { value } = work
  const users = (forms.data ?? []).flatMap((form) => form.fields.filter((field) => field.option_strings_source === `lookup ${lookup?.unique_id}`).map((field) => `${inLanguage(form.name, language)}: ${inLanguage(field.display_name, language)}`))
  const labelOf = (pointer: string) => {
    const [, part, at] = pointer.split('/')
    return part === 'values' ? t('lookups.option_number', { count: Number(at) + 1 }) : t('roles.name')
  }
  return (
    <div className="page">
      <PageTitle title={lookup === null ? t('lookups.new') : <bdi>{inLanguage(lookup.name, language)}</bdi>} of={`lookup/${lookup?.id ?? 'new'}`}>
        {lookup !== null && <span className="small soft" dir="ltr">{lookup.unique_id}</span>}
      </PageTitle>
      {users.length > 0 && <details className="note"><summary>{t('lookups.used_by', { count: users.length })}</summary><ul>{users.map((one) => <li key={one}><bdi>{one}</bdi></li>)}</ul></details>}
      <WorkFrame work={work} labelOf={labelOf} steps wide readOnly={!may('metadata', 'manage', 'manage_restricted')} onSaved={() => { if (lookup === null) void navigate({ to: '/settings/lookups', ignoreBlocker: true }) }}>
        <section className="card"><Texts label={t('roles.name')} pointer="/name" wanted value={value.name} onChange={(name, tag) => work.set({ ...value, name }, `name/${tag}`)} /></section>
        <Options values={value.values} pointer="/values" onChange={(values, mark) => work.set({ ...value, values }, mark)} />
      </WorkFrame>
      {lookup !== null && users.length === 0 && may('metadata', 'manage') && forms.data !== undefined && <Remove lookup={lookup} />}
    </div>
  )
}

function Remove({ lookup }: { lookup: Stored }) {
  const { t, language } = useAdminWords()
  const say = useToast()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const [open, setOpen] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const remove = async () => {
    try {
      await call(`/api/v2/lookups/${lookup.id}`, { method: 'DELETE' })
      await cache.invalidateQueries({ queryKey: ['config', 'lookups'] })
      say(t('admin.removed'))
      await navigate({ to: '/settings/lookups', ignoreBlocker: true })
    } catch (failure) {
      setError(failure)
    }
  }
  return (
    <div>
      <button type="button" className="button button-danger" onClick={() => setOpen(true)}>{t('lookups.remove')}</button>
      {open && (
        <Dialog title={`${t('lookups.remove')}: ${inLanguage(lookup.name, language)}`} onClose={() => setOpen(false)} foot={<><button type="button" className="button" onClick={() => setOpen(false)}>{t('ui.cancel')}</button><button type="button" className="button button-danger" onClick={() => void remove()}>{t('lookups.remove')}</button></>}>
          <p>{t('lookups.remove_help')}</p>
          {error !== null && <Refusal error={error} />}
        </Dialog>
      )}
    </div>
  )
}
