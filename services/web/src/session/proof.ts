/** Some acts are for people who have just shown who they are. */
import { call } from '~/api/client'
import { Refused } from '~/api/problem'

export const isProofWanted = (error: unknown): boolean => error instanceof Refused && error.codes.includes('not_recently_proven')

export async function prove(password: string): Promise<void> {
  await call('/api/amparo/v1/reauthentication', { method: 'POST', body: { data: { password } } })
}
