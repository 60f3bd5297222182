import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { call } from '~/api/client'
import { PageTitle } from '~/app/PageTitle'
import { MoreButton } from '~/lists/MoreButton'
import { inLanguage } from '~/records/catalog'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { Icon } from '~/ui/Icon'
import { Skeleton } from '~/ui/Skeleton'
import { type Person, agenciesQuery, groupsQuery, rolesQuery } from '../api'
import { One } from '../fields'
import { useAddress } from '../useAddress'
import { useAdminWords } from '../words'

const PER = 40

/** Who works here, found by name, state, role, team and agency. A name that is searched stays out of the address. */
export default function UsersPage() {
  const { t } = useAdminWords()
  const { may } = useSession()
  const [search] = useAddress()
  const [typed, setTyped] = useState('')
  const [query, setQuery] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setQuery(typed.trim()), 250)
    return () => clearTimeout(timer)
  }, [typed])
  const filters = {
    ...(query === '' ? {} : { query }),
    ...(search.state === undefined ? {} : { disabled: [String(search.state === 'disabled')] }),
    ...(search.role === undefined ? {} : { role_id: [search.role] }),
    ...(search.group === undefined ? {} : { user_group_ids: [search.group] }),
    ...(search.agency === undefined ? {} : { agency: [search.agency] }),
  }
  const list = useInfiniteQuery({
    queryKey: ['admin', 'users', filters],
    initialPageParam: 1,
    queryFn: ({ pageParam, signal }) => call<Person[]>('/api/v2/users', { query: { page: pageParam, per: PER, activity_stats: true, ...filters }, signal }),
    getNextPageParam: (last, pages) => (pages.length * PER < Number(last.metadata.total) ? pages.length + 1 : undefined),
    placeholderData: (previous) => previous,
  })
  const people = list.data?.pages.flatMap((page) => page.data) ?? []
  const total = list.data?.pages[0]?.metadata.total
  return (
    <div className="page">
      <PageTitle title={t('settings.users')} of="/settings/users">
        {may('users', 'create') && <Link to="/settings/users/$id" params={{ id: 'new' }} className="button button-main"><Icon name="add" /> {t('users.new')}</Link>}
      </PageTitle>
      <input className="input narrow" type="search" dir="auto" autoComplete="off" aria-label={t('users.search')} placeholder={t('users.search')} value={typed} onChange={(event) => setTyped(event.target.value)} />
      <Filters />
      <p className="small soft" role="status">{total === undefined ? ' ' : t('users.total', { count: Number(total) })}</p>
      {list.error !== null && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && list.error === null && <Skeleton lines={8} height={40} />}
      {people.length > 0 && <People people={people} />}
      {list.data !== undefined && people.length === 0 && <p className="empty card">{t('choose.nothing')}</p>}
      {list.hasNextPage && <MoreButton busy={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />}
    </div>
  )
}

function Filters() {
  const { t, language } = useAdminWords()
  const [search, change] = useAddress()
  const roles = useQuery(rolesQuery)
  const groups = useQuery(groupsQuery)
  const agencies = useQuery(agenciesQuery)
  const any = t('admin.any')
  return (
    <div className="filters">
      <One label={t('users.state')} pointer="" none={any} value={search.state ?? ''} onChange={(state) => change({ state: state || undefined })} options={[{ id: 'enabled', name: t('users.enabled') }, { id: 'disabled', name: t('users.disabled') }]} />
      <One label={t('users.role')} pointer="" none={any} value={search.role ?? ''} onChange={(role) => change({ role: role || undefined })} options={(roles.data ?? []).map((one) => ({ id: String(one.id), name: one.name }))} />
      <One label={t('users.groups')} pointer="" none={any} value={search.group ?? ''} onChange={(group) => change({ group: group || undefined })} options={(groups.data ?? []).map((one) => ({ id: one.unique_id, name: one.name }))} />
      <One label={t('users.agency')} pointer="" none={any} value={search.agency ?? ''} onChange={(agency) => change({ agency: agency || undefined })} options={(agencies.data ?? []).map((one) => ({ id: String(one.id), name: inLanguage(one.name, language) }))} />
    </div>
  )
}

function People({ people }: { people: Person[] }) {
  const { t, ago } = useAdminWords()
  const roles = useQuery(rolesQuery)
  const roleName = (id: string | undefined) => roles.data?.find((one) => one.unique_id === id)?.name ?? id
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={t('settings.users')}>
      <table className="table">
        <thead><tr><th>{t('account.name')}</th><th>{t('users.role')}</th><th>{t('users.groups')}</th><th>{t('users.last_access')}</th><th>{t('users.state')}</th></tr></thead>
        <tbody>
          {people.map((person) => (
            <tr key={person.id}>
              <td><Link to="/settings/users/$id" params={{ id: String(person.id) }}><bdi>{person.full_name ?? person.user_name}</bdi></Link><br /><span className="small soft"><bdi>{person.user_name}</bdi></span></td>
              <td><bdi>{roleName(person.role_unique_id)}</bdi></td>
              <td>{(person.user_groups ?? []).map((group) => group.name).join(' · ')}</td>
              <td>{person.last_access === undefined ? <span className="soft">{t('users.never')}</span> : ago(person.last_access)}</td>
              <td><span className={person.disabled ? 'mark mark-danger' : 'mark mark-success'}>{t(person.disabled ? 'users.disabled' : 'users.enabled')}</span></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
