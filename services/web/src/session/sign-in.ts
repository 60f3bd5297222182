/** Signing in and out, as far as it concerns the server. */
import { call } from '~/api/client'
import { Refused } from '~/api/problem'
import type { User } from '~/api/schemas'

export type SignInOutcome =
  | { is: 'in'; id: number }
  | { is: 'wrong' }
  | { is: 'code_wanted' }
  | { is: 'code_wrong' }
  | { is: 'too_often' }

/** Any answer sets the token that the first write needs. */
export async function meetServer(): Promise<void> {
  if (!document.cookie.includes('CSRF-TOKEN=')) await call('/health/server', { query: { session: true } })
}

export async function signIn(userName: string, password: string, code?: string): Promise<SignInOutcome> {
  await meetServer()
  const credentials = { user_name: userName, password, ...(code === undefined ? {} : { otp: code.trim() }) }
  try {
    const { data } = await call<{ id: number }>('/api/v2/tokens', { method: 'POST', body: { user: credentials } }).catch(withNewToken({ user: credentials }))
    return { is: 'in', id: data.id }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    if (error.codes.includes('otp_wanted')) return { is: 'code_wanted' }
    if (error.codes.includes('otp_wrong')) return { is: 'code_wrong' }
    if (error.status === 429) return { is: 'too_often' }
    if (error.status === 401) return { is: 'wrong' }
    throw error
  }
}

/** A late answer of the session before may have left its token: then a new one is asked for, once. */
const withNewToken = (body: object) => async (error: unknown) => {
  if (!(error instanceof Refused) || error.status !== 403) throw error
  await call('/health/server', { query: { session: true } })
  return call<{ id: number }>('/api/v2/tokens', { method: 'POST', body })
}

export async function signOut(): Promise<void> {
  await call('/api/v2/tokens', { method: 'DELETE' })
}

export async function loadUser(id: number): Promise<User> {
  const [{ user }, { data }] = await Promise.all([import('~/api/schemas'), call<unknown>(`/api/v2/users/${id}`, { query: { extended: true } })])
  return user.parse(data)
}

/** Who the session's cookie belongs to; nothing when it has run out. */
export async function sessionUserId(): Promise<number | null> {
  try {
    return (await call<{ user: { id: number } }>('/api/amparo/v1/session')).data.user.id
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return null
    throw error
  }
}
