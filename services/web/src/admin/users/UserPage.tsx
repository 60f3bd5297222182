import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { lookupsQuery, placesQuery } from '~/api/queries'
import { Refused } from '~/api/problem'
import { PageTitle } from '~/app/PageTitle'
import { DevicesCard } from '~/device/DevicesCard'
import { LANGUAGES } from '~/i18n'
import { inLanguage } from '~/records/catalog'
import { placeName } from '~/records/options'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { type Person, agenciesQuery, givenGroupsQuery, givenRolesQuery, groupsQuery, oneQuery, rolesQuery, freshly, send } from '../api'
import { Line, Many, One, Tick } from '../fields'
import { useWanted } from '../useAddress'
import { type Work, useWork } from '../useWork'
import { WorkFrame } from '../WorkFrame'
import { type AdminKey, useAdminWords } from '../words'
import { Sight } from './Sight'
import { UserActs } from './UserActs'
import { type UserForm, bodyOf, formOf, groupFault } from './body'

const LABELS: Record<string, AdminKey> = {
  user_name: 'session.user_name', full_name: 'users.full_name', email: 'users.email', phone: 'users.phone', code: 'users.code', position: 'users.position',
  location: 'users.location', locale: 'session.language', agency: 'users.agency', agency_id: 'users.agency', agency_office: 'users.office', role: 'users.role',
  role_unique_id: 'users.role', user_group_unique_ids: 'users.groups', services: 'users.services', password: 'session.password', password_confirmation: 'users.password_again', base: 'settings.users',
}

export default function UserPage() {
  const id = useWanted()
  const { t } = useAdminWords()
  const person = useQuery({ ...oneQuery<Person>('user', '/api/v2/users', id ?? ''), enabled: id !== null })
  if (id !== null && person.data === undefined) {
    return <div className="page"><PageTitle title={t('users.one')} />{person.error === null ? <Skeleton lines={8} height={40} /> : <Failure error={person.error} retry={() => void person.refetch()} />}</div>
  }
  return <Editor key={id ?? 'new'} person={person.data ?? null} />
}

function Editor({ person }: { person: Person | null }) {
  const { t } = useAdminWords()
  const { user, may } = useSession()
  const cache = useQueryClient()
  const navigate = useNavigate()
  // A password is never a draft: it lies nowhere but in this memory.
  const [password, setPassword] = useState({ first: '', again: '' })
  const made = useRef<number | null>(null)
  const work = useWork(`user/${person?.id ?? 'new'}`, formOf(person), async (form, before) => {
    const faults = groupFault(form, before, t('users.groups_stay'))
    if (faults.length > 0) throw new Refused(422, [{ fields: faults }], null)
    const secret = password.first === '' && password.again === '' ? {} : { password: password.first, password_confirmation: password.again }
    const saved = await send<Person>('/api/v2/users', person?.id ?? null, { ...bodyOf(form, before, person === null), ...secret })
    made.current = saved.id
    setPassword({ first: '', again: '' })
    await cache.invalidateQueries({ queryKey: ['admin'] })
  }, freshly('/api/v2/users', person, formOf))
  const opened = () => {
    if (person === null) void navigate({ to: '/settings/users/$id', params: { id: String(made.current) }, ignoreBlocker: true, replace: true })
  }
  const readOnly = !may('users', person === null ? 'create' : 'write')
  const labelOf = (pointer: string) => t(LABELS[pointer.split('/')[1] ?? ''] ?? 'settings.users')
  return (
    <div className="page">
      <PageTitle title={person === null ? t('users.new') : <bdi>{person.full_name ?? person.user_name}</bdi>} of={`user/${person?.id ?? 'new'}`}>
        {person?.disabled === true && <span className="mark mark-danger">{t('users.disabled')}</span>}
      </PageTitle>
      <div className="sided">
        <WorkFrame work={work} labelOf={labelOf} readOnly={readOnly} onSaved={opened}>
          <fieldset className="stack plain" disabled={readOnly}>
            <Fields work={work} isNew={person === null} />
            <section className="card stack">
              <h2>{t('users.password')}</h2>
              <p className="help soft small">{t(person === null ? 'users.password_new' : 'users.password_help')}</p>
              <div className="pair">
                <Line label={t('session.password')} pointer="/password" type="password" value={password.first} onChange={(first) => setPassword({ ...password, first })} />
                <Line label={t('users.password_again')} pointer="/password_confirmation" type="password" value={password.again} onChange={(again) => setPassword({ ...password, again })} />
              </div>
              {person !== null && <SetPassword id={person.id} password={password} onSet={() => setPassword({ first: '', again: '' })} work={work} />}
            </section>
          </fieldset>
        </WorkFrame>
        <aside className="stack">
          <Sight role={work.value.role_unique_id} groups={work.value.user_group_unique_ids} agency={work.value.agency_id} />
          {person !== null && !readOnly && <UserActs person={person} isSelf={person.id === user.id} />}
          {person !== null && !readOnly && <DevicesCard path={`/api/amparo/v1/users/${person.id}/devices`} help={t('users.devices_help')} />}
        </aside>
      </div>
    </div>
  )
}

/** A new password by itself, so that it needs no other change to be saved. */
function SetPassword({ id, password, onSet, work }: { id: number; password: { first: string; again: string }; onSet: () => void; work: Work<UserForm> }) {
  const { t } = useAdminWords()
  const [state, setState] = useState<'rest' | 'set' | unknown>('rest')
  const set = async () => {
    if (password.first === '') return
    try {
      await send('/api/v2/users', id, { password: password.first, password_confirmation: password.again })
      work.refuse([])
      onSet()
      setState('set')
    } catch (failure) {
      if (failure instanceof Refused && failure.faults.length > 0) work.refuse(failure.faults)
      else setState(failure)
    }
  }
  return (
    <>
      <div><button type="button" className="button" aria-disabled={password.first === ''} onClick={() => void set()}>{t('users.password_set')}</button></div>
      <p role="status" className="small">{state === 'set' && t('users.password_done')}</p>
      {state !== 'rest' && state !== 'set' && <Failure error={state} />}
    </>
  )
}

function Fields({ work, isNew }: { work: Work<UserForm>; isNew: boolean }) {
  const { t, language } = useAdminWords()
  const { value } = work
  const roles = useQuery(rolesQuery)
  const groups = useQuery(groupsQuery)
  const givenRoles = useQuery(givenRolesQuery)
  const givenGroups = useQuery(givenGroupsQuery)
  const agencies = useQuery(agenciesQuery)
  const places = useQuery(placesQuery)
  const lookups = useQuery(lookupsQuery)
  const put = (key: keyof UserForm) => (next: string | string[] | boolean) => work.set({ ...value, [key]: next }, key)
  const services = lookups.data?.find((one) => one.unique_id === 'lookup-service-type')?.values ?? []
  // What the person has already stays to be seen, also where the reader may not give it.
  const roleChoices = (roles.data ?? []).filter((one) => one.unique_id === value.role_unique_id || (!one.disabled && givenRoles.data?.some((other) => other.id === one.id) === true))
  const groupChoices = (givenGroups.data ?? groups.data ?? []).filter((one) => !one.disabled)
  const known = [...groupChoices, ...(groups.data ?? []).filter((one) => value.user_group_unique_ids.includes(one.unique_id) && !groupChoices.some((other) => other.id === one.id))]
  const enabled = <T extends { disabled: boolean }>(all: T[] | undefined) => (all ?? []).filter((one) => !one.disabled)
  return (
    <>
      <section className="card stack">
        <h2>{t('users.person')}</h2>
        <div className="pair">
          <Line label={t('session.user_name')} pointer="/user_name" help={t(isNew ? 'users.user_name_help' : 'users.user_name_fixed')} wanted={isNew} code disabled={!isNew} value={value.user_name} onChange={put('user_name')} />
          <Line label={t('users.full_name')} pointer="/full_name" wanted value={value.full_name} onChange={put('full_name')} />
          <Line label={t('users.email')} pointer="/email" type="email" value={value.email} onChange={put('email')} />
          <Line label={t('users.phone')} pointer="/phone" type="tel" value={value.phone} onChange={put('phone')} />
          <Line label={t('users.code')} pointer="/code" value={value.code} onChange={put('code')} />
          <Line label={t('users.position')} pointer="/position" value={value.position} onChange={put('position')} />
          <One label={t('session.language')} pointer="/locale" none={t('choose.none')} value={value.locale} onChange={put('locale')} options={Object.entries(LANGUAGES).map(([id, name]) => ({ id, name }))} />
          <One label={t('users.location')} pointer="/location" none={t('choose.none')} value={value.location} onChange={put('location')} options={(places.data ?? []).filter((one) => one.disabled !== true).map((one) => ({ id: one.code, name: placeName(one.name, language) }))} />
        </div>
        <Tick label={t('users.send_mail')} value={value.send_mail} onChange={put('send_mail')} />
      </section>
      <section className="card stack">
        <h2>{t('users.place')}</h2>
        <div className="pair">
          <One label={t('users.role')} pointer="/role" wanted none={t('choose.none')} value={value.role_unique_id} onChange={put('role_unique_id')} options={roleChoices.map((one) => ({ id: one.unique_id, name: one.name }))} />
          <One label={t('users.agency')} pointer="/agency" wanted none={t('choose.none')} value={value.agency_id} onChange={put('agency_id')} options={enabled(agencies.data).map((one) => ({ id: String(one.id), name: inLanguage(one.name, language) }))} />
        </div>
        <Many label={t('users.groups')} pointer="/user_group_unique_ids" value={value.user_group_unique_ids} onChange={put('user_group_unique_ids')} options={known.map((one) => ({ id: one.unique_id, name: one.name }))} />
        {services.length > 0 && <Many label={t('users.services')} pointer="/services" value={value.services} onChange={put('services')} options={services.map((one) => ({ id: one.id, name: inLanguage(one.display_text, language) || one.id }))} />}
      </section>
    </>
  )
}
