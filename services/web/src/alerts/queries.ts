/** What others did to a record that its people should look at. */
import { queryOptions } from '@tanstack/react-query'
import { call } from '~/api/client'
import { keptOnDevice } from '~/device/kept'
import type { Kind, RecordType } from '~/records/kinds'

export interface Alert {
  unique_id: string
  alert_for: string
  type: string
  date: string
  form_unique_id?: string | null
}

export const alertsQuery = (kind: Kind, id: string) =>
  queryOptions({
    queryKey: ['record', id, 'alerts'],
    queryFn: ({ signal }) => keptOnDevice(`alerts/${id}`, async () => (await call<Alert[]>(`/api/v2/${kind.place}/${id}/alerts`, { signal })).data),
  })

/** Records with alerts, by type. */
export const alertCountsQuery = queryOptions({
  queryKey: ['alerts'],
  retry: false,
  queryFn: async ({ signal }) => (await call<Partial<Record<RecordType, number>>>('/api/v2/alerts', { signal })).data,
})
