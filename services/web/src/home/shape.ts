/** What home shows, as the server counts it in one answer. */
import * as z from 'zod/mini'

const counted = z.object({ count: z.number(), query: z.array(z.string()) })
export type Counted = z.infer<typeof counted>

const TASK_KINDS = ['assessment', 'case_plan', 'follow_up', 'service'] as const
export type TaskKind = (typeof TASK_KINDS)[number]

const dueNumbers = z.object({ overdue: z.number(), due_soon: z.number() })

export const homeShape = z.looseObject({
  as_of: z.string(),
  cases: z.optional(z.looseObject({ open: counted, new_or_updated: z.optional(counted), closed: z.optional(counted), flagged: z.optional(counted) })),
  risk: z.optional(z.record(z.string(), counted)),
  incidents: z.optional(z.looseObject({ open: counted })),
  tasks: z.optional(z.looseObject({ overdue: z.number(), due_soon: z.number(), kinds: z.partialRecord(z.enum(TASK_KINDS), dueNumbers) })),
  dashboards: z.optional(z.array(z.looseObject({ name: z.string(), indicators: z.record(z.string(), z.unknown()) }))),
})
export type HomeNumbers = z.infer<typeof homeShape>

export const isCounted = (value: unknown): value is Counted => counted.safeParse(value).success

/** The list's address that finds exactly what was counted: `name=value` pairs as the server gives them. */
export function searchOf(query: readonly string[]): Record<string, string> {
  const search: Record<string, string> = {}
  for (const pair of query) {
    const at = pair.indexOf('=')
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)]
    if (at > 0) search[name] = search[name] === undefined ? value : `${search[name]},${value}`
  }
  return search
}
