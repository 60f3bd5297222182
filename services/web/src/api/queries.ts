/** What is read from the server, by name; each is kept sealed on the device for when it is away. */
import { queryOptions } from '@tanstack/react-query'
import * as z from 'zod/mini'
import { keptByTag } from '~/device/kept'
import * as schemas from './schemas'

const MINUTES = 60_000

const config = <T>(name: string, path: string, schema: z.ZodMiniType<T>) =>
  queryOptions({
    queryKey: ['config', name],
    staleTime: 10 * MINUTES,
    gcTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => keptByTag(`config/${name}`, path, schemas.SHAPES, (data) => schema.parse(data), signal),
  })

export const formsQuery = config('forms', '/api/v2/forms', z.array(schemas.form))
export const lookupsQuery = config('lookups', '/api/v2/lookups?per=999&page=1', z.array(schemas.lookup))
export const placesQuery = config('places', '/api/amparo/v1/location_file', z.array(schemas.place))
export const settingsQuery = config('settings', '/api/v2/system_settings?extended=true', schemas.settings)
