import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '~/api/client'
import { PageTitle } from '~/app/PageTitle'
import { type TextKey, useWords } from '~/i18n'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import '~/record-pages/record.css'

interface Role {
  id: number
  unique_id: string
  name: string
  description?: string
  group_permission: string
  disabled: boolean
  permissions: Record<string, unknown>
  form_section_read_write: Record<string, string>
}

const SCOPES: Record<string, TextKey> = {
  self: 'scope.self', group: 'scope.group', agency: 'scope.agency', all: 'scope.all', admin_only: 'scope.admin_only', identified: 'scope.identified',
}

/** What each role may do, to be read and searched. */
export default function RolesPage() {
  const { t } = useWords()
  const [typed, setTyped] = useState('')
  const roles = useQuery({ queryKey: ['roles'], queryFn: async ({ signal }) => (await call<Role[]>('/api/v2/roles', { signal })).data })
  const wanted = typed.trim().toLowerCase().replaceAll(' ', '_')
  return (
    <div className="page">
      <PageTitle title={t('settings.roles')} />
      <input className="input narrow" type="search" dir="auto" autoComplete="off" aria-label={t('roles.search')} placeholder={t('roles.search')} value={typed} onChange={(event) => setTyped(event.target.value)} />
      {roles.error !== null && <Failure error={roles.error} retry={() => void roles.refetch()} />}
      {roles.isPending && <Skeleton lines={8} height={40} />}
      <ul className="entries">
        {(roles.data ?? []).filter((role) => matches(role, wanted)).map((role) => <li key={role.id}><RoleCard role={role} wanted={wanted} /></li>)}
      </ul>
    </div>
  )
}

const actionsOf = (role: Role): [string, string[]][] =>
  Object.entries(role.permissions).flatMap(([resource, actions]) => (Array.isArray(actions) ? [[resource, actions.map(String)] as [string, string[]]] : []))

const matches = (role: Role, wanted: string) =>
  wanted === '' || role.name.toLowerCase().replaceAll(' ', '_').includes(wanted) || actionsOf(role).some(([resource, actions]) => resource.includes(wanted) || actions.some((action) => action.includes(wanted)))

function RoleCard({ role, wanted }: { role: Role; wanted: string }) {
  const { t } = useWords()
  const scope = SCOPES[role.group_permission]
  const forms = Object.values(role.form_section_read_write)
  return (
    <details className="entry">
      <summary>
        <span><bdi>{role.name}</bdi> <span className="small soft">{scope === undefined ? role.group_permission : t(scope)}</span></span>
        {role.disabled && <span className="mark mark-danger">{t('users.disabled')}</span>}
      </summary>
      <div className="entry-body">
        {role.description !== undefined && <p className="soft"><bdi>{role.description}</bdi></p>}
        <p className="small">{t('roles.forms', { write: forms.filter((right) => right === 'rw').length, read: forms.filter((right) => right === 'r').length })}</p>
        <dl className="facts">
          {actionsOf(role).map(([resource, actions]) => (
            <div key={resource} className="fact">
              <dt>{resource.replaceAll('_', ' ')}</dt>
              <dd className="row">{actions.map((action) => <span key={action} className={wanted !== '' && action.includes(wanted) ? 'mark mark-accent' : 'mark'} dir="ltr">{action.replaceAll('_', ' ')}</span>)}</dd>
            </div>
          ))}
        </dl>
      </div>
    </details>
  )
}
