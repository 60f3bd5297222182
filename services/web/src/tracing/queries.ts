/** Children who are sought, and who they may be. */
import { queryOptions } from '@tanstack/react-query'
import * as z from 'zod/mini'
import { call } from '~/api/client'
import { keptOnDevice } from '~/device/kept'

const maybe = z.optional(z.nullable(z.union([z.string(), z.number()])))
const trace = z.looseObject({ id: z.string(), tracing_request_id: z.optional(z.nullable(z.string())), matched_case_id: z.optional(z.nullable(z.string())), name: maybe, age: maybe, sex: maybe, relation: maybe, relation_name: maybe })
export type Trace = z.infer<typeof trace>

const line = z.looseObject({ field_name: z.string(), match: z.enum(['match', 'mismatch', 'blank']), case_value: z.optional(z.unknown()), trace_value: z.optional(z.unknown()) })
export type ComparedLine = z.infer<typeof line>

const match = z.looseObject({
  likelihood: z.enum(['likely', 'possible']),
  case: z.looseObject({ id: z.string(), case_id_display: maybe, name: maybe, age: maybe, sex: maybe, owned_by: maybe }),
  trace,
  comparison: z.looseObject({ case_to_trace: z.array(line), family_to_inquirer: z.optional(z.array(z.array(line))) }),
  explanation: z.optional(z.array(z.looseObject({ sentence: z.string(), speaks: z.enum(['for', 'against', 'neither']) }))),
  ask: z.optional(z.array(z.looseObject({ label: z.string() }))),
})
export type Match = z.infer<typeof match>

const found = z.looseObject({ potential_matches: z.array(match), same_family: z.optional(z.array(match)) })
export type Found = z.infer<typeof found>

const traces = (path: string, name: string) =>
  queryOptions({
    queryKey: ['traces', name],
    queryFn: ({ signal }) => keptOnDevice(`traces/${name}`, async () => z.array(trace).parse((await call<unknown>(path, { signal })).data)),
  })

export const tracesOfRequest = (id: string) => traces(`/api/v2/tracing_requests/${id}/traces`, id)
export const tracesOfCase = (id: string) => traces(`/api/v2/cases/${id}/traces`, id)

/** Who a sought child may be, or who may seek this one, with the reasons in the reader's language. */
export const matchesQuery = (of: 'traces' | 'cases', id: string, language: string) =>
  queryOptions({
    queryKey: ['traces', 'matches', of, id, language],
    queryFn: async ({ signal }) => found.parse((await call<unknown>(`/api/amparo/v1/${of}/${id}/matches`, { signal })).data),
  })

export const confirmMatch = (traceId: string, caseId: string | null, commandId: string) =>
  call(`/api/v2/traces/${traceId}`, { method: 'PATCH', body: { data: { matched_case_id: caseId } }, commandId })

export const rejectMatch = (traceId: string, caseId: string, commandId: string) =>
  call(`/api/amparo/v1/traces/${traceId}/rejections`, { method: 'POST', body: { data: { case_id: caseId } }, commandId })
