import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { PageTitle } from '~/app/PageTitle'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { useToast } from '~/ui/Toasts'
import { type Role, modulesQuery, oneQuery, permissionsQuery, rolesQuery, freshly, send } from '../api'
import { Line, Many, One, Tick } from '../fields'
import { useWanted } from '../useAddress'
import { type Work, useWork } from '../useWork'
import { WorkFrame } from '../WorkFrame'
import { type AdminKey, useAdminWords } from '../words'
import { FormRights } from './FormRights'
import { ReviewDialog } from './ReviewDialog'
import { Rights } from './Rights'
import { FLAGS, type RoleForm, roleBody, roleForm } from './diff'
import { flagName, scopeName } from './names'

const SCOPES = ['self', 'group', 'agency', 'all', 'admin_only', 'identified']
const LABELS: Record<string, AdminKey> = { name: 'roles.name', permissions: 'roles.rights', reporting_location_level: 'users.location', group_permission: 'roles.scope' }

export default function RolePage() {
  const id = useWanted()
  const { t } = useAdminWords()
  const role = useQuery({ ...oneQuery<Role>('role', '/api/v2/roles', id ?? ''), enabled: id !== null })
  if (id !== null && role.data === undefined) {
    return <div className="page"><PageTitle title={t('users.role')} />{role.error === null ? <Skeleton lines={8} height={40} /> : <Failure error={role.error} retry={() => void role.refetch()} />}</div>
  }
  return <Editor key={id ?? 'new'} role={role.data ?? null} />
}

function Editor({ role }: { role: Role | null }) {
  const { t } = useAdminWords()
  const { may } = useSession()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const say = useToast()
  const [reviewing, setReviewing] = useState(false)
  const work = useWork(`role/${role?.id ?? 'new'}`, roleForm(role), async (form) => {
    await send<Role>('/api/v2/roles', role?.id ?? null, roleBody(form))
    await cache.invalidateQueries({ queryKey: ['admin'] })
  }, freshly('/api/v2/roles', role, roleForm))
  const readOnly = !may('roles', role === null ? 'create' : 'write')
  const confirm = async () => {
    setReviewing(false)
    if (!(await work.save())) return
    say(t('admin.saved'))
    if (role === null) void navigate({ to: '/settings/roles', ignoreBlocker: true })
  }
  return (
    <div className="page">
      <PageTitle title={role === null ? t('roles.new') : <bdi>{role.name}</bdi>} of={`role/${role?.id ?? 'new'}`} />
      <WorkFrame work={work} labelOf={(pointer) => t(LABELS[pointer.split('/')[1] ?? ''] ?? 'users.role')} review={() => setReviewing(true)} saveWord={t('roles.review')} steps readOnly={readOnly} wide>
        <fieldset className="stack plain" disabled={readOnly}>
          {!readOnly && <Template work={work} own={role?.id ?? null} />}
          <Basics work={work} />
          <Rights value={work.value.permissions} before={work.base.permissions} onChange={(permissions) => work.set({ ...work.value, permissions })} />
          <FormRights value={work.value.forms} before={work.base.forms} modules={work.value.module_unique_ids} onChange={(forms) => work.set({ ...work.value, forms })} />
        </fieldset>
      </WorkFrame>
      {reviewing && <ReviewDialog role={role} before={work.base} after={work.value} onClose={() => setReviewing(false)} onConfirm={() => void confirm()} />}
    </div>
  )
}

/** Rights and forms of another role, to begin with; what was there before can be had back by Undo. */
function Template({ work, own }: { work: Work<RoleForm>; own: number | null }) {
  const { t } = useAdminWords()
  const roles = useQuery(rolesQuery)
  const [from, setFrom] = useState('')
  const copy = () => {
    const found = roles.data?.find((one) => String(one.id) === from)
    if (found === undefined) return
    const { name, description, disabled } = work.value
    work.set({ ...roleForm(found), name, description, disabled })
  }
  return (
    <section className="card stack" aria-labelledby="template">
      <h2 id="template">{t('roles.template')}</h2>
      <div className="option-head">
        <One label={t('roles.template_from')} pointer="" none={t('choose.none')} value={from} onChange={setFrom} options={(roles.data ?? []).filter((one) => one.id !== own).map((one) => ({ id: String(one.id), name: one.name }))} />
        <button type="button" className="button" aria-disabled={from === ''} onClick={copy}>{t('roles.template_take')}</button>
      </div>
      <p className="small soft">{t('roles.template_help')}</p>
    </section>
  )
}

function Basics({ work }: { work: Work<RoleForm> }) {
  const words = useAdminWords()
  const { t } = words
  const { value } = work
  const modules = useQuery(modulesQuery)
  const permissions = useQuery(permissionsQuery)
  return (
    <section className="card stack">
      <h2>{t('roles.basics')}</h2>
      <div className="pair">
        <Line label={t('roles.name')} pointer="/name" wanted value={value.name} onChange={(name) => work.set({ ...value, name }, 'name')} />
        <One label={t('roles.scope')} pointer="/group_permission" value={value.group_permission} onChange={(group_permission) => work.set({ ...value, group_permission })} options={SCOPES.map((id) => ({ id, name: scopeName(words, id) }))} />
      </div>
      <Line label={t('roles.description')} pointer="/description" rows={2} value={value.description} onChange={(description) => work.set({ ...value, description }, 'description')} />
      <Many label={t('roles.modules')} pointer="/module_unique_ids" value={value.module_unique_ids} onChange={(module_unique_ids) => work.set({ ...value, module_unique_ids })} options={(modules.data ?? []).map((one) => ({ id: one.unique_id, name: one.name }))} />
      <div className="ticks">{FLAGS.map((flag) => <Tick key={flag} label={flagName(words, flag)} value={value[flag]} onChange={(on) => work.set({ ...value, [flag]: on })} />)}</div>
      {permissions.error !== null && <Failure error={permissions.error} retry={() => void permissions.refetch()} />}
    </section>
  )
}
