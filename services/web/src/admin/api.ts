/** What the administration reads and writes, with the shapes that it relies on. */
import { queryOptions } from '@tanstack/react-query'
import { call } from '~/api/client'
import { Refused } from '~/api/problem'
import type { Form, Text } from '~/api/schemas'

export interface Person {
  id: number
  user_name: string
  full_name?: string
  email?: string
  phone?: string
  code?: string
  position?: string
  location?: string
  locale?: string
  agency_id?: number
  agency_office?: string
  services?: string[]
  send_mail?: boolean
  role_unique_id?: string
  role_group_permission?: string
  module_unique_ids?: string[]
  user_group_unique_ids?: string[]
  user_groups?: { unique_id: string; name: string }[]
  disabled: boolean
  last_access?: string
}

export interface Role {
  id: number
  unique_id: string
  name: string
  description?: string
  group_permission: string
  is_manager: boolean
  referral: boolean
  transfer: boolean
  referral_authorization: boolean
  second_factor_required?: boolean
  disabled: boolean
  module_unique_ids: string[]
  permissions: Record<string, unknown>
  form_section_read_write: Record<string, string>
}

export interface Group {
  id: number
  unique_id: string
  name: string
  description?: string | null
  disabled: boolean
  agency_unique_ids: string[]
}

export interface Agency {
  id: number
  unique_id: string
  agency_code: string
  name: Text
  description: Text
  telephone: string | null
  contact_name: string | null
  contact_email: string | null
  contact_phone: string | null
  services: string[]
  disabled: boolean
}

export interface Place {
  id: number
  code: string
  type?: string
  disabled: boolean
  name: Text
  placename: Text
  admin_level: number
  hierarchy: string[]
}

export interface Snapshot {
  id: string
  name?: string
  description?: string
  version: string
  created_on: string
  created_by: string
  applied_on?: string | null
  applied_by?: string | null
  can_apply: boolean
}

export type AdminForm = Form & { description?: Text; form_group_keyed?: boolean; editable?: boolean; core_form?: boolean; mobile_form?: boolean; updated_at?: string }

const all = <T>(kind: string, path: string) =>
  queryOptions({ queryKey: ['admin', kind], queryFn: async ({ signal }) => (await call<T>(path, { signal })).data })

/** Who may not read the list itself reads what the system settings tell everybody of it. */
function orSettings<T>(kind: 'agencies' | 'modules', path: string) {
  return queryOptions({
    queryKey: ['admin', kind],
    queryFn: async ({ signal }) => {
      try {
        return (await call<T>(path, { signal })).data
      } catch (failure) {
        if (!(failure instanceof Refused) || failure.status !== 403) throw failure
        return (await call<Record<'agencies' | 'modules', T>>('/api/v2/system_settings?extended=true', { signal })).data[kind]
      }
    },
  })
}

export const rolesQuery = all<Role[]>('roles', '/api/v2/roles')
export const groupsQuery = all<Group[]>('groups', '/api/v2/user_groups')
/** Those that the signed-in person may give to others. */
export const givenRolesQuery = all<Role[]>('given-roles', '/api/v2/roles?managed=true')
export const givenGroupsQuery = all<Group[]>('given-groups', '/api/v2/user_groups?managed=true')
export const agenciesQuery = orSettings<Agency[]>('agencies', '/api/v2/agencies?per=1000&page=1')
export const permissionsQuery = all<{ management: string[]; resource_actions: Record<string, string[]> }>('permissions', '/api/v2/permissions')
export const allFormsQuery = all<AdminForm[]>('forms', '/api/v2/forms')
export const modulesQuery = orSettings<{ unique_id: string; name: string; associated_record_types: string[] }[]>('modules', '/api/v2/primero_modules')
export const snapshotsQuery = all<Snapshot[]>('snapshots', '/api/v2/configurations?per=1000&page=1')
export const oneQuery = <T>(kind: string, path: string, id: string) => all<T>(`${kind}/${id}`, `${path}/${id}`)

/** Reads one thing anew, as its form has it; nothing for what is new. */
export const freshly = <T, F>(path: string, known: { id: number } | null, formOf: (found: T) => F): (() => Promise<F>) | undefined =>
  known === null ? undefined : async () => formOf(await look<T>(`${path}/${known.id}`))

/** What was looked at, by its address: the save that follows counts only while it is still so. */
const tags = new Map<string, string>()

export async function look<T>(path: string): Promise<T> {
  const { data, tag } = await call<T>(path)
  if (tag !== null) tags.set(path, tag)
  return data
}

/** A condition holds for one save. */
export function unlessChanged(path: string): { headers: Record<string, string> } {
  const tag = tags.get(path)
  tags.delete(path)
  return { headers: tag === undefined ? {} : { 'If-Match': tag } }
}

/** Creates without an id, changes with one. */
export async function send<T>(path: string, id: number | string | null, data: object): Promise<T> {
  const to = id === null ? path : `${path}/${id}`
  return (await call<T>(to, { method: id === null ? 'POST' : 'PATCH', body: { data }, commandId: crypto.randomUUID(), ...unlessChanged(to) })).data
}

/** How many users have a role. */
export const usersOfRoleQuery = (role: number) =>
  queryOptions({
    queryKey: ['admin', 'users-of-role', role],
    queryFn: async ({ signal }) => Number((await call<unknown>('/api/v2/users', { query: { per: 1, role_id: [String(role)] }, signal })).metadata.total),
  })

/** Members of `after` that differ from those of `before`. */
export function changed<T extends object>(before: T, after: T): Partial<T> {
  const differs = ([key, value]: [string, unknown]) => JSON.stringify(value) !== JSON.stringify(before[key as keyof T])
  return Object.fromEntries(Object.entries(after).filter(differs)) as Partial<T>
}
