import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '~/api/client'
import { PageTitle } from '~/app/PageTitle'
import { inLanguage } from '~/records/catalog'
import { Dialog } from '~/ui/Dialog'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { useToast } from '~/ui/Toasts'
import { type Place, changed, freshly, send } from '../api'
import { Line, One, Texts, Tick } from '../fields'
import { useWanted } from '../useAddress'
import { useWork } from '../useWork'
import { Refusal, WorkFrame } from '../WorkFrame'
import { type AdminKey, useAdminWords } from '../words'
import { placesQuery } from './queries'

const LABELS: Record<string, AdminKey> = { code: 'locations.code', placename: 'roles.name', type: 'locations.type', parent_code: 'locations.parent' }

export default function LocationPage() {
  const id = useWanted()
  const { t } = useAdminWords()
  const places = useQuery(placesQuery)
  if (places.data === undefined) {
    return <div className="page"><PageTitle title={t('locations.one')} />{places.error === null ? <Skeleton lines={5} height={40} /> : <Failure error={places.error} retry={() => void places.refetch()} />}</div>
  }
  const place = places.data.find((one) => String(one.id) === id) ?? null
  if (id !== null && place === null) return <div className="page"><PageTitle title={t('locations.one')} /><p className="note">{t('error.not_found')}</p></div>
  return <Editor key={id ?? 'new'} place={place} all={places.data} />
}

const formOf = (place: Place | null) => ({ code: place?.code ?? '', parent_code: place?.hierarchy.at(-2) ?? '', type: place?.type ?? '', placename: place?.placename ?? {}, disabled: place?.disabled ?? false })

function Editor({ place, all }: { place: Place | null; all: Place[] }) {
  const { t, language } = useAdminWords()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const work = useWork(`location/${place?.id ?? 'new'}`, formOf(place), async (form, before) => {
    const { parent_code, ...rest } = form
    const fresh = { ...rest, ...(parent_code === '' ? {} : { parent_code }) }
    await send('/api/v2/locations', place?.id ?? null, place === null ? fresh : changed(before, form))
    await cache.invalidateQueries({ queryKey: ['admin', 'places'] })
    await cache.invalidateQueries({ queryKey: ['config', 'places'] })
  }, freshly<Place, ReturnType<typeof formOf>>('/api/v2/locations', place, formOf))
  const { value } = work
  const types = [...new Set(all.map((one) => one.type ?? '').filter((one) => one !== ''))]
  const below = all.filter((one) => place !== null && one.hierarchy.includes(place.code) && one.code !== place.code).length
  return (
    <div className="page">
      <PageTitle title={place === null ? t('locations.new') : <bdi>{inLanguage(place.placename, language)}</bdi>} of={`location/${place?.id ?? 'new'}`} />
      <WorkFrame work={work} labelOf={(pointer) => t(LABELS[pointer.split('/')[1] ?? ''] ?? 'locations.one')} onSaved={() => { if (place === null) void navigate({ to: '/settings/locations', ignoreBlocker: true }) }}>
        <section className="card stack">
          <Texts label={t('roles.name')} pointer="/placename" wanted value={value.placename} onChange={(placename, tag) => work.set({ ...value, placename }, `name/${tag}`)} />
          <div className="pair">
            <Line label={t('locations.code')} pointer="/code" wanted code disabled={place !== null} help={t(place === null ? 'locations.code_help' : 'locations.fixed')} value={value.code} onChange={(code) => work.set({ ...value, code }, 'code')} />
            <One label={t('locations.parent')} pointer="/parent_code" none={t('locations.top')} disabled={place !== null} value={value.parent_code} onChange={(parent_code) => work.set({ ...value, parent_code })} options={all.map((one) => ({ id: one.code, name: `${inLanguage(one.name, language).replaceAll('::', ' › ')}` }))} />
            <One label={t('locations.type')} pointer="/type" none={t('choose.none')} value={value.type} onChange={(type) => work.set({ ...value, type })} options={types.map((id) => ({ id, name: id }))} />
          </div>
          <Tick label={t('flag.disabled')} help={t('locations.disabled_help')} value={value.disabled} onChange={(disabled) => work.set({ ...value, disabled })} />
          {below > 0 && <p className="small soft">{t('locations.below', { count: below })}</p>}
        </section>
      </WorkFrame>
      {place !== null && below === 0 && <Remove place={place} />}
    </div>
  )
}

function Remove({ place }: { place: Place }) {
  const { t, language } = useAdminWords()
  const say = useToast()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const [open, setOpen] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const remove = async () => {
    try {
      await call(`/api/v2/locations/${place.id}`, { method: 'DELETE' })
      say(t('admin.removed'))
      await navigate({ to: '/settings/locations', ignoreBlocker: true })
      await cache.invalidateQueries({ queryKey: ['admin', 'places'] })
      await cache.invalidateQueries({ queryKey: ['config', 'places'] })
    } catch (failure) {
      setError(failure)
    }
  }
  return (
    <div>
      <button type="button" className="button button-danger" onClick={() => setOpen(true)}>{t('locations.remove')}</button>
      {open && (
        <Dialog title={`${t('locations.remove')}: ${inLanguage(place.placename, language)}`} onClose={() => setOpen(false)} foot={<><button type="button" className="button" onClick={() => setOpen(false)}>{t('ui.cancel')}</button><button type="button" className="button button-danger" onClick={() => void remove()}>{t('locations.remove')}</button></>}>
          <p>{t('locations.remove_help')}</p>
          {error !== null && <Refusal error={error} />}
        </Dialog>
      )}
    </div>
  )
}
