import { queryOptions } from '@tanstack/react-query'
import { call } from '~/api/client'
import type { Place } from '../api'

const PER = 1_000

/** All places with their paths, page by page. */
export const placesQuery = queryOptions({
  queryKey: ['admin', 'places'],
  queryFn: async ({ signal }) => {
    const all: Place[] = []
    for (let page = 1; ; page += 1) {
      const answer = await call<Place[]>('/api/v2/locations', { query: { page, per: PER, hierarchy: true }, signal })
      all.push(...answer.data)
      if (answer.data.length === 0 || all.length >= Number(answer.metadata.total)) return all
    }
  },
})
