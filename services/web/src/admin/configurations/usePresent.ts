import { useQuery } from '@tanstack/react-query'
import { call } from '~/api/client'
import type { Snapshot } from './diff'

/** What is in force now, in the format of snapshots. */
export function usePresent(): { data: Snapshot | null; error: Error | null } {
  const present = useQuery({
    queryKey: ['admin', 'present'],
    staleTime: 0,
    queryFn: async ({ signal }) => {
      const { data } = await call<Snapshot>('/api/amparo/v1/configurations/present/export', { signal })
      return (data.data ?? data) as Snapshot
    },
  })
  return { data: present.data ?? null, error: present.error }
}
