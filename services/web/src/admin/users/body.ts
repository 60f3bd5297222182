/** A user as the form has it, and the body that the API takes of it. */
import type { FieldFault } from '~/api/problem'
import { type Person, changed } from '../api'

export interface UserForm {
  user_name: string
  full_name: string
  email: string
  phone: string
  code: string
  position: string
  location: string
  locale: string
  agency_id: string
  agency_office: string
  role_unique_id: string
  user_group_unique_ids: string[]
  services: string[]
  send_mail: boolean
}

export function formOf(person: Person | null): UserForm {
  const text = (value: string | number | undefined) => (value === undefined ? '' : String(value))
  return {
    user_name: text(person?.user_name), full_name: text(person?.full_name), email: text(person?.email), phone: text(person?.phone),
    code: text(person?.code), position: text(person?.position), location: text(person?.location), locale: text(person?.locale),
    agency_id: text(person?.agency_id), agency_office: text(person?.agency_office), role_unique_id: text(person?.role_unique_id),
    user_group_unique_ids: person?.user_group_unique_ids ?? [], services: person?.services ?? [], send_mail: person?.send_mail ?? true,
  }
}

/** All that is filled in for a new user; what was changed for a known one. A user name never changes. */
export function bodyOf(form: UserForm, before: UserForm, isNew: boolean): Record<string, unknown> {
  const { user_name, ...rest } = form
  const sent: Record<string, unknown> = isNew ? { user_name: user_name.trim() } : {}
  for (const [key, value] of Object.entries(isNew ? rest : changed({ ...before, user_name }, form))) {
    if (isNew && (value === '' || (Array.isArray(value) && value.length === 0))) continue
    sent[key] = key === 'agency_id' ? Number(value) : value === '' ? null : value
  }
  return sent
}

/** The server keeps a person's teams when none is sent; saying that none is left would change nothing. */
export function groupFault(form: UserForm, before: UserForm, message: string): FieldFault[] {
  const emptied = before.user_group_unique_ids.length > 0 && form.user_group_unique_ids.length === 0
  return emptied ? [{ pointer: '/user_group_unique_ids', code: 'required', message }] : []
}
