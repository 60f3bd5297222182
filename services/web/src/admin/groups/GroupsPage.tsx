import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { PageTitle } from '~/app/PageTitle'
import { inLanguage } from '~/records/catalog'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { Icon } from '~/ui/Icon'
import { Skeleton } from '~/ui/Skeleton'
import { agenciesQuery, groupsQuery } from '../api'
import { useAdminWords } from '../words'

/** Teams: who is in one sees what their role says of the team's records. */
export default function GroupsPage() {
  const { t, language } = useAdminWords()
  const { may } = useSession()
  const groups = useQuery(groupsQuery)
  const agencies = useQuery(agenciesQuery)
  const agencyName = (id: string) => inLanguage(agencies.data?.find((one) => one.unique_id === id)?.name, language) || id
  return (
    <div className="page">
      <PageTitle title={t('users.groups')}>
        {may('user_groups', 'create') && <Link to="/settings/groups/$id" params={{ id: 'new' }} className="button button-main"><Icon name="add" /> {t('groups.new')}</Link>}
      </PageTitle>
      {groups.error !== null && <Failure error={groups.error} retry={() => void groups.refetch()} />}
      {groups.isPending && <Skeleton lines={6} height={40} />}
      <div className="table-frame" tabIndex={0} role="region" aria-label={t('users.groups')}>
        <table className="table">
          <thead><tr><th>{t('roles.name')}</th><th>{t('roles.description')}</th><th>{t('groups.agencies')}</th><th>{t('groups.people')}</th></tr></thead>
          <tbody>
            {(groups.data ?? []).map((group) => (
              <tr key={group.id}>
                <td><Link to="/settings/groups/$id" params={{ id: String(group.id) }}><bdi>{group.name}</bdi></Link> {group.disabled && <span className="mark mark-danger">{t('users.disabled')}</span>}</td>
                <td><bdi>{group.description}</bdi></td>
                <td>{group.agency_unique_ids.map(agencyName).join(' · ')}</td>
                <td><Link to="/settings/users" search={{ group: group.unique_id } as never}>{t('groups.show_people')}<span className="only-read">: {group.name}</span></Link></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}
