import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { lookupsQuery } from '~/api/queries'
import { PageTitle } from '~/app/PageTitle'
import { inLanguage } from '~/records/catalog'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { type Agency, changed, oneQuery, freshly, send } from '../api'
import { Line, Many, Texts, Tick } from '../fields'
import { useWanted } from '../useAddress'
import { useWork } from '../useWork'
import { WorkFrame } from '../WorkFrame'
import { type AdminKey, useAdminWords } from '../words'

const LABELS: Record<string, AdminKey> = { agency_code: 'agencies.code', name: 'roles.name', contact_email: 'users.email', contact_phone: 'users.phone', telephone: 'users.phone', services: 'users.services' }

export default function AgencyPage() {
  const id = useWanted()
  const { t } = useAdminWords()
  const agency = useQuery({ ...oneQuery<Agency>('agency', '/api/v2/agencies', id ?? ''), enabled: id !== null })
  if (id !== null && agency.data === undefined) {
    return <div className="page"><PageTitle title={t('users.agency')} />{agency.error === null ? <Skeleton lines={5} height={40} /> : <Failure error={agency.error} retry={() => void agency.refetch()} />}</div>
  }
  return <Editor key={id ?? 'new'} agency={agency.data ?? null} />
}

const formOf = (agency: Agency | null) => ({
  agency_code: agency?.agency_code ?? '', name: agency?.name ?? {}, description: agency?.description ?? {}, telephone: agency?.telephone ?? '', contact_name: agency?.contact_name ?? '',
  contact_email: agency?.contact_email ?? '', contact_phone: agency?.contact_phone ?? '', services: agency?.services ?? [], disabled: agency?.disabled ?? false,
})

function Editor({ agency }: { agency: Agency | null }) {
  const { t, language } = useAdminWords()
  const { may } = useSession()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const lookups = useQuery(lookupsQuery)
  const work = useWork(`agency/${agency?.id ?? 'new'}`, formOf(agency), async (form, before) => {
    await send('/api/v2/agencies', agency?.id ?? null, agency === null ? form : changed(before, form))
    await cache.invalidateQueries({ queryKey: ['admin'] })
    await cache.invalidateQueries({ queryKey: ['config', 'settings'] })
  }, freshly('/api/v2/agencies', agency, formOf))
  const { value } = work
  const put = (key: string) => (next: unknown) => work.set({ ...value, [key]: next }, key)
  const readOnly = !may('agencies', agency === null ? 'manage' : 'write')
  const services = lookups.data?.find((one) => one.unique_id === 'lookup-service-type')?.values ?? []
  return (
    <div className="page">
      <PageTitle title={agency === null ? t('agencies.new') : <bdi>{inLanguage(agency.name, language)}</bdi>} of={`agency/${agency?.id ?? 'new'}`} />
      <WorkFrame work={work} labelOf={(pointer) => t(LABELS[pointer.split('/')[1] ?? ''] ?? 'users.agency')} readOnly={readOnly} onSaved={() => { if (agency === null) void navigate({ to: '/settings/agencies', ignoreBlocker: true }) }}>
        <fieldset className="card stack" disabled={readOnly}>
          <Line label={t('agencies.code')} pointer="/agency_code" help={t('agencies.code_help')} wanted code value={value.agency_code} onChange={put('agency_code')} />
          <Texts label={t('roles.name')} pointer="/name" wanted value={value.name} onChange={(name, tag) => work.set({ ...value, name }, `name/${tag}`)} />
          <Texts label={t('roles.description')} pointer="/description" rows={2} value={value.description} onChange={(description, tag) => work.set({ ...value, description }, `description/${tag}`)} />
          <div className="pair">
            <Line label={t('agencies.contact')} pointer="/contact_name" value={value.contact_name} onChange={put('contact_name')} />
            <Line label={t('users.email')} pointer="/contact_email" type="email" value={value.contact_email} onChange={put('contact_email')} />
            <Line label={t('users.phone')} pointer="/contact_phone" type="tel" value={value.contact_phone} onChange={put('contact_phone')} />
            <Line label={t('agencies.telephone')} pointer="/telephone" type="tel" value={value.telephone} onChange={put('telephone')} />
          </div>
          {services.length > 0 && <Many label={t('users.services')} pointer="/services" value={value.services} onChange={put('services')} options={services.map((one) => ({ id: one.id, name: inLanguage(one.display_text, language) || one.id }))} />}
          <Tick label={t('flag.disabled')} help={t('agencies.disabled_help')} value={value.disabled} onChange={put('disabled')} />
        </fieldset>
      </WorkFrame>
    </div>
  )
}
