import { useQueries, useQuery } from '@tanstack/react-query'
import { call } from '~/api/client'
import { inLanguage } from '~/records/catalog'
import { type AdminForm, rolesQuery } from '../api'
import { Changes, Review } from '../Review'
import { useAdminWords } from '../words'
import { impactOf, rolesOf } from './impact'
import type { FormWork, Part } from './model'

interface Props {
  id: string | null
  before: FormWork
  after: FormWork
  all: AdminForm[]
  onClose: () => void
  onConfirm: () => void
}

/** What publishing does, to read before it is done. */
export function PublishDialog({ id, before, after, all, onClose, onConfirm }: Props) {
  const { t, language } = useAdminWords()
  const roles = useQuery(rolesQuery)
  const impact = impactOf(before, after, all)
  const seeing = id === null ? [] : rolesOf(id, roles.data ?? [])
  const name = (field: Part) => `${inLanguage(field.display_name, language) || field.name} (${field.name})`
  const concerned = [...impact.removed, ...impact.hidden].filter((one) => one.type !== 'separator')
  return (
    <Review title={t('impact.title')} takes={impact.takes} act={t('builder.publish_now')} onClose={onClose} onConfirm={onConfirm}>
      {id !== null && <p className={impact.takes ? 'note note-warning' : 'note'}>{seeing.length === 0 ? t('impact.no_roles') : t('impact.roles', { names: seeing.map(({ role, writes }) => `${role.name} (${t(writes ? 'roles.form_write' : 'roles.form_read')})`).join(', ') })}</p>}
      {id === null && <p className="note">{t('impact.new_form')}</p>}
      <Records of={after.parent_form} module={after.module_ids} />
      <Changes title={t('impact.removed')} kind="gone" lines={impact.removed.map(name)} />
      <Changes title={t('impact.hidden')} kind="gone" lines={impact.hidden.map(name)} />
      {concerned.length > 0 && <p className="small">{t('impact.kept')}</p>}
      <Changes title={t('impact.broken')} kind="gone" lines={impact.broken.map((one) => `${one.form}: ${one.field} → ${one.on}`)} />
      <Changes title={t('impact.options')} kind="gone" lines={impact.options.map((one) => `${one.field}: ${one.gone.join(', ')}`)} />
      <Changes title={t('impact.created')} kind="new" lines={impact.created.map(name)} />
      <Changes title={t('impact.shown')} kind="new" lines={impact.shown.map(name)} />
      <Changes title={t('impact.required')} kind="" lines={impact.required.map(name)} />
      <Changes title={t('impact.changed')} kind="" lines={impact.changed.map((one) => `${one.label}: ${one.what.map((key) => key.replaceAll('_', ' ')).join(', ')}`)} />
      {impact.form.length > 0 && <p>{t('impact.form')}: <span dir="ltr">{impact.form.map((key) => key.replaceAll('_', ' ')).join(', ')}</span></p>}
      {impact.moved && <p>{t('impact.moved')}</p>}
    </Review>
  )
}

const PLACES: Record<string, string> = { case: 'cases', incident: 'incidents', family: 'families', registry_record: 'registry_records', tracing_request: 'tracing_requests' }

/** How many records stand on the form's modules, as far as the reader's own role reaches. */
function Records({ of, module }: { of: string; module: string[] }) {
  const { t } = useAdminWords()
  const place = PLACES[of]
  const counts = useQueries({
    queries: module.map((one) => ({
      queryKey: ['admin', 'records', place, one],
      enabled: place !== undefined,
      retry: false,
      queryFn: async ({ signal }: { signal: AbortSignal }) => Number((await call<unknown>(`/api/v2/${place}`, { query: { fields: 'short', per: 1, module_id: [one] }, signal })).metadata.total),
    })),
  })
  if (counts.length === 0 || counts.some((one) => one.data === undefined)) return null
  return <p>{t('impact.records', { count: counts.reduce((sum, one) => sum + (one.data ?? 0), 0) })}</p>
}
