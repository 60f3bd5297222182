import { createContext, useContext } from 'react'
import type { User } from '~/api/schemas'

export interface Session {
  user: User
  /** Whether the role allows an action; `manage` allows all of them. */
  may(resource: string, ...actions: string[]): boolean
  /** The server no longer knows the session; the work goes on behind a question. */
  expired: boolean
  /** They have shown again who they are. */
  goOn(): void
  lock(): void
  leave(): Promise<void>
  /** The person's own data have changed. */
  renew(): Promise<void>
}

export const SessionContext = createContext<Session | null>(null)

export function useSession(): Session {
  const session = useContext(SessionContext)
  if (session === null) throw new Error('nobody is signed in')
  return session
}

/** As the server reads a role: some words stand for several. */
const ALIASES: Record<string, string[]> = {
  index: ['read'], show: ['read'], view: ['read'], list: ['read'],
  edit: ['write'], update: ['write'], destroy: ['write'],
}

export function allows(user: User, resource: string, actions: string[]): boolean {
  const granted = user.permissions.list.find((one) => one.resource === resource)?.actions ?? []
  const has = (action: string) => granted.includes(action) || (ALIASES[action] ?? []).some((one) => granted.includes(one))
  return granted.includes('manage') || actions.some(has)
}
