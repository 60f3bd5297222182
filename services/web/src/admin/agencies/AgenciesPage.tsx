import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { PageTitle } from '~/app/PageTitle'
import { inLanguage } from '~/records/catalog'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { Icon } from '~/ui/Icon'
import { Skeleton } from '~/ui/Skeleton'
import { agenciesQuery } from '../api'
import { useAdminWords } from '../words'

/** The organisations that people work for. */
export default function AgenciesPage() {
  const { t, language } = useAdminWords()
  const { may } = useSession()
  const agencies = useQuery(agenciesQuery)
  return (
    <div className="page">
      <PageTitle title={t('agencies.title')}>
        {may('agencies', 'manage') && <Link to="/settings/agencies/$id" params={{ id: 'new' }} className="button button-main"><Icon name="add" /> {t('agencies.new')}</Link>}
      </PageTitle>
      {agencies.error !== null && <Failure error={agencies.error} retry={() => void agencies.refetch()} />}
      {agencies.isPending && <Skeleton lines={6} height={40} />}
      <div className="table-frame" tabIndex={0} role="region" aria-label={t('agencies.title')}>
        <table className="table">
          <thead><tr><th>{t('roles.name')}</th><th>{t('agencies.code')}</th><th>{t('agencies.contact')}</th><th>{t('groups.people')}</th></tr></thead>
          <tbody>
            {(agencies.data ?? []).map((agency) => (
              <tr key={agency.id}>
                <td><Link to="/settings/agencies/$id" params={{ id: String(agency.id) }}><bdi>{inLanguage(agency.name, language)}</bdi></Link> {agency.disabled && <span className="mark mark-danger">{t('users.disabled')}</span>}</td>
                <td dir="ltr">{agency.agency_code}</td>
                <td><bdi>{agency.contact_name}</bdi></td>
                <td><Link to="/settings/users" search={{ agency: String(agency.id) } as never}>{t('groups.show_people')}<span className="only-read">: {inLanguage(agency.name, language)}</span></Link></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}
