import { useQuery } from '@tanstack/react-query'
import { inLanguage } from '~/records/catalog'
import { type Role, agenciesQuery, groupsQuery, rolesQuery } from '../api'
import { type AdminKey, useAdminWords } from '../words'

const REACH: Record<string, AdminKey> = {
  self: 'sight.self', group: 'sight.group', agency: 'sight.agency', all: 'sight.all', admin_only: 'sight.admin_only', identified: 'sight.identified', webhook: 'sight.webhook',
}
const TYPES: Record<string, AdminKey> = {
  case: 'type.case', incident: 'type.incident', tracing_request: 'type.tracing_request', family: 'type.family', registry_record: 'type.registry_record',
}

/** What a person with this role, in these teams, can see: in plain words. */
export function Sight({ role: roleId, groups: ids, agency: agencyId }: { role: string; groups: string[]; agency: string }) {
  const { t, language } = useAdminWords()
  const roles = useQuery(rolesQuery)
  const groups = useQuery(groupsQuery)
  const agencies = useQuery(agenciesQuery)
  const role = roles.data?.find((one) => one.unique_id === roleId)
  const teams = (groups.data ?? []).filter((one) => ids.includes(one.unique_id)).map((one) => one.name).join(', ') || t('sight.no_team')
  const agency = agencies.data?.find((one) => String(one.id) === agencyId)
  const reach = role === undefined ? undefined : REACH[role.group_permission]
  return (
    <section className="card stack-tight" aria-labelledby="sight">
      <h2 id="sight">{t('sight.title')}</h2>
      {role === undefined && <p className="soft">{t('sight.no_role')}</p>}
      {role !== undefined && (
        <>
          <p>{reach === undefined ? role.group_permission : t(reach, { teams, agency: agency === undefined ? t('choose.none') : inLanguage(agency.name, language) })}</p>
          <ul className="stack-tight">{Object.keys(TYPES).map((type) => <TypeLine key={type} role={role} type={type} />)}</ul>
          <FormsLine role={role} />
          {role.second_factor_required === true && <p className="small">{t('sight.second_factor')}</p>}
        </>
      )}
    </section>
  )
}

function TypeLine({ role, type }: { role: Role; type: string }) {
  const { t } = useAdminWords()
  const held = role.permissions[type]
  const actions = Array.isArray(held) ? held.map(String) : []
  const name = TYPES[type]
  if (actions.length === 0 || name === undefined) return null
  const may = (action: string) => actions.includes(action) || actions.includes('manage')
  const told = (['read', 'create', 'write', 'assign', 'transfer', 'referral', 'search_owned_by_others'] as const).filter(may)
  const exporting = actions.some((one) => one.startsWith('export_')) || may('manage')
  return (
    <li>
      <strong>{t(name)}</strong>: {[...told.map((one) => t(`may.${one}`)), ...(exporting ? [t('may.export')] : [])].join(', ')}
    </li>
  )
}

function FormsLine({ role }: { role: Role }) {
  const { t } = useAdminWords()
  const rights = Object.values(role.form_section_read_write)
  return <p className="small soft">{t('sight.forms', { write: rights.filter((one) => one === 'rw').length, read: rights.filter((one) => one === 'r').length })}</p>
}
