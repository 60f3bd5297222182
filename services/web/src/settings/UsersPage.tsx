import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { call } from '~/api/client'
import { PageTitle } from '~/app/PageTitle'
import { MoreButton } from '~/lists/MoreButton'
import { useWords } from '~/i18n'
import { useSession } from '~/session/session'
import { Dialog } from '~/ui/Dialog'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'

interface Person {
  id: number
  user_name: string
  full_name?: string
  role_unique_id?: string
  disabled: boolean
  user_groups?: { unique_id: string; name: string }[]
}

const PER = 40

export default function UsersPage() {
  const { t } = useWords()
  const [typed, setTyped] = useState('')
  const [query, setQuery] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setQuery(typed.trim()), 250)
    return () => clearTimeout(timer)
  }, [typed])
  const list = useInfiniteQuery({
    queryKey: ['users', query],
    initialPageParam: 1,
    queryFn: ({ pageParam, signal }) => call<Person[]>('/api/v2/users', { query: { page: pageParam, per: PER, ...(query === '' ? {} : { query }) }, signal }),
    getNextPageParam: (last, pages) => (pages.length * PER < Number(last.metadata.total) ? pages.length + 1 : undefined),
    placeholderData: (previous) => previous,
  })
  const people = list.data?.pages.flatMap((page) => page.data) ?? []
  return (
    <div className="page">
      <PageTitle title={t('settings.users')} />
      <input className="input narrow" type="search" dir="auto" autoComplete="off" aria-label={t('users.search')} placeholder={t('users.search')} value={typed} onChange={(event) => setTyped(event.target.value)} />
      {list.error !== null && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Skeleton lines={8} height={40} />}
      {people.length > 0 && <PeopleTable people={people} />}
      {list.data !== undefined && people.length === 0 && <p className="empty card">{t('choose.nothing')}</p>}
      {list.hasNextPage && <MoreButton busy={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />}
    </div>
  )
}

function PeopleTable({ people }: { people: Person[] }) {
  const { t } = useWords()
  const { user, may } = useSession()
  const [turning, setTurning] = useState<Person | null>(null)
  const mayWrite = may('users', 'write')
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={t('settings.users')}>
      <table className="table">
        <thead><tr><th>{t('account.name')}</th><th>{t('users.role')}</th><th>{t('users.groups')}</th><th>{t('users.state')}</th></tr></thead>
        <tbody>
          {people.map((person) => (
            <tr key={person.id}>
              <td><bdi>{person.full_name}</bdi><br /><span className="small soft"><bdi>{person.user_name}</bdi></span></td>
              <td>{person.role_unique_id?.replace(/^role-/, '').replaceAll('-', ' ')}</td>
              <td>{(person.user_groups ?? []).map((group) => group.name).join(' · ')}</td>
              <td>
                <span className={person.disabled ? 'mark mark-danger' : 'mark mark-success'}>{t(person.disabled ? 'users.disabled' : 'users.enabled')}</span>{' '}
                {mayWrite && person.id !== user.id && <button type="button" className="button button-plain" onClick={() => setTurning(person)}>{t(person.disabled ? 'users.enable' : 'users.disable')}<span className="only-read">: {person.user_name}</span></button>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {turning !== null && <TurnDialog person={turning} onClose={() => setTurning(null)} />}
    </div>
  )
}

function TurnDialog({ person, onClose }: { person: Person; onClose: () => void }) {
  const { t } = useWords()
  const cache = useQueryClient()
  const [error, setError] = useState<unknown>(null)
  const turn = async () => {
    try {
      await call(`/api/v2/users/${person.id}`, { method: 'PATCH', body: { data: { disabled: !person.disabled } } })
      await cache.invalidateQueries({ queryKey: ['users'] })
      onClose()
    } catch (failure) {
      setError(failure)
    }
  }
  const action = t(person.disabled ? 'users.enable' : 'users.disable')
  return (
    <Dialog
      title={`${action}: ${person.user_name}`}
      onClose={onClose}
      foot={<>
        <button type="button" className="button" onClick={onClose}>{t('ui.cancel')}</button>
        <button type="button" className="button button-main" onClick={() => void turn()}>{action}</button>
      </>}
    >
      <p>{t(person.disabled ? 'users.enable_help' : 'users.disable_help')}</p>
      {error !== null && <Failure error={error} />}
    </Dialog>
  )
}
