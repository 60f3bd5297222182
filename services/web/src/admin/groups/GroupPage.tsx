import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Refused } from '~/api/problem'
import { PageTitle } from '~/app/PageTitle'
import { inLanguage } from '~/records/catalog'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { type Group, agenciesQuery, changed, oneQuery, freshly, send } from '../api'
import { Line, Many, Tick } from '../fields'
import { useWanted } from '../useAddress'
import { useWork } from '../useWork'
import { WorkFrame } from '../WorkFrame'
import { useAdminWords } from '../words'

export default function GroupPage() {
  const id = useWanted()
  const { t } = useAdminWords()
  const group = useQuery({ ...oneQuery<Group>('group', '/api/v2/user_groups', id ?? ''), enabled: id !== null })
  if (id !== null && group.data === undefined) {
    return <div className="page"><PageTitle title={t('groups.one')} />{group.error === null ? <Skeleton lines={5} height={40} /> : <Failure error={group.error} retry={() => void group.refetch()} />}</div>
  }
  return <Editor key={id ?? 'new'} group={group.data ?? null} />
}

const formOf = (group: Group | null) => ({ name: group?.name ?? '', description: group?.description ?? '', disabled: group?.disabled ?? false, agency_unique_ids: group?.agency_unique_ids ?? [] })

function Editor({ group }: { group: Group | null }) {
  const { t, language } = useAdminWords()
  const { may } = useSession()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const agencies = useQuery(agenciesQuery)
  const work = useWork(`group/${group?.id ?? 'new'}`, formOf(group), async (form, before) => {
    const fault = (pointer: string, message: string) => new Refused(422, [{ fields: [{ pointer, code: 'required', message }] }], null)
    if (form.name.trim() === '') throw fault('/name', t('admin.required'))
    if (before.agency_unique_ids.length > 0 && form.agency_unique_ids.length === 0) throw fault('/agency_unique_ids', t('groups.agencies_stay'))
    await send('/api/v2/user_groups', group?.id ?? null, group === null ? form : changed(before, form))
    await cache.invalidateQueries({ queryKey: ['admin'] })
  }, freshly('/api/v2/user_groups', group, formOf))
  const { value } = work
  const readOnly = !may('user_groups', group === null ? 'create' : 'write')
  const labels: Record<string, string> = { name: t('roles.name'), agency_unique_ids: t('groups.agencies') }
  return (
    <div className="page">
      <PageTitle title={group === null ? t('groups.new') : <bdi>{group.name}</bdi>} of={`group/${group?.id ?? 'new'}`} />
      <WorkFrame work={work} labelOf={(pointer) => labels[pointer.split('/')[1] ?? ''] ?? t('groups.one')} readOnly={readOnly} onSaved={() => { if (group === null) void navigate({ to: '/settings/groups', ignoreBlocker: true }) }}>
        <fieldset className="card stack" disabled={readOnly}>
          <Line label={t('roles.name')} pointer="/name" wanted value={value.name} onChange={(name) => work.set({ ...value, name }, 'name')} />
          <Line label={t('roles.description')} pointer="/description" rows={3} value={value.description} onChange={(description) => work.set({ ...value, description }, 'description')} />
          <Many label={t('groups.agencies')} pointer="/agency_unique_ids" value={value.agency_unique_ids} onChange={(agency_unique_ids) => work.set({ ...value, agency_unique_ids })} options={(agencies.data ?? []).map((one) => ({ id: one.unique_id, name: inLanguage(one.name, language) }))} />
          <Tick label={t('flag.disabled')} help={t('groups.disabled_help')} value={value.disabled} onChange={(disabled) => work.set({ ...value, disabled })} />
        </fieldset>
      </WorkFrame>
    </div>
  )
}
