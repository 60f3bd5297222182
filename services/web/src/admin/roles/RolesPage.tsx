import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { PageTitle } from '~/app/PageTitle'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { Icon } from '~/ui/Icon'
import { Skeleton } from '~/ui/Skeleton'
import { type Role, rolesQuery } from '../api'
import { type AdminWords, useAdminWords } from '../words'
import { rightName, scopeName } from './names'

/** What each role may do, found by its name or by a right. */
export default function RolesPage() {
  const words = useAdminWords()
  const { t } = words
  const { may } = useSession()
  const [typed, setTyped] = useState('')
  const roles = useQuery(rolesQuery)
  const wanted = typed.trim().toLowerCase()
  return (
    <div className="page">
      <PageTitle title={t('settings.roles')}>
        {may('roles', 'create') && <Link to="/settings/roles/$id" params={{ id: 'new' }} className="button button-main"><Icon name="add" /> {t('roles.new')}</Link>}
      </PageTitle>
      <input className="input narrow" type="search" dir="auto" autoComplete="off" aria-label={t('roles.search')} placeholder={t('roles.search')} value={typed} onChange={(event) => setTyped(event.target.value)} />
      {roles.error !== null && <Failure error={roles.error} retry={() => void roles.refetch()} />}
      {roles.isPending && <Skeleton lines={8} height={40} />}
      <div className="table-frame" tabIndex={0} role="region" aria-label={t('settings.roles')}>
        <table className="table">
          <thead><tr><th>{t('users.role')}</th><th>{t('roles.scope')}</th><th>{t('roles.rights')}</th><th>{t('settings.forms')}</th></tr></thead>
          <tbody>{(roles.data ?? []).filter((role) => matches(role, wanted, words)).map((role) => <Row key={role.id} role={role} wanted={wanted} />)}</tbody>
        </table>
      </div>
    </div>
  )
}

const actionsOf = (role: Role) => Object.entries(role.permissions).flatMap(([resource, actions]) => (Array.isArray(actions) ? actions.map((action) => [resource, String(action)] as const) : []))

const fits = (wanted: string, action: string, words: AdminWords) => action.includes(wanted.replaceAll(' ', '_')) || rightName(words, action).toLowerCase().includes(wanted)

const matches = (role: Role, wanted: string, words: AdminWords) =>
  wanted === '' || role.name.toLowerCase().includes(wanted) || actionsOf(role).some(([resource, action]) => resource.includes(wanted) || fits(wanted, action, words))

function Row({ role, wanted }: { role: Role; wanted: string }) {
  const words = useAdminWords()
  const { t } = words
  const rights = actionsOf(role)
  const forms = Object.values(role.form_section_read_write)
  const found = wanted === '' ? [] : rights.filter(([, action]) => fits(wanted, action, words)).slice(0, 6)
  return (
    <tr>
      <td>
        <Link to="/settings/roles/$id" params={{ id: String(role.id) }}><bdi>{role.name}</bdi></Link> {role.disabled && <span className="mark mark-danger">{t('users.disabled')}</span>}
        {role.description !== undefined && <p className="small soft"><bdi>{role.description}</bdi></p>}
      </td>
      <td>{scopeName(words, role.group_permission)}</td>
      <td>{t('roles.rights_count', { count: rights.length })}{found.length > 0 && <p className="row">{found.map(([resource, action]) => <span key={`${resource}/${action}`} className="mark mark-accent">{rightName(words, action)}</span>)}</p>}</td>
      <td className="small">{t('roles.forms', { write: forms.filter((one) => one === 'rw').length, read: forms.filter((one) => one === 'r').length })}</td>
    </tr>
  )
}
