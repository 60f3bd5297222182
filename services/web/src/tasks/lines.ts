/** One thing that is due, whoever counted it. */
export interface TaskLine {
  /** The case's. */
  id: string
  name: string
  code: string
  what: string
  on: string
  overdue: boolean
}

export type Range = 'all' | 'overdue' | 'soon'

/** As home counts: overdue, or within a week from today. */
export function inRange(line: TaskLine, range: Range, today: string): boolean {
  if (range === 'all') return true
  if (range === 'overdue') return line.overdue
  const week = new Date(Date.parse(today) + 7 * 86_400_000).toISOString().slice(0, 10)
  return !line.overdue && line.on >= today && line.on <= week
}

export const readRange = (search: Record<string, unknown>): { due?: Range } =>
  search.due === 'overdue' || search.due === 'soon' ? { due: search.due } : {}
