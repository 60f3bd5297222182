/** Home as far as the device knows it: numbers and lines from the caseload that is kept here. */
import type { RecordData } from '~/api/schemas'
import { type CaseDue, dueOf } from '~/record-pages/course'
import type { Counted, HomeNumbers, TaskKind } from './shape'

const OPEN = ['record_state=true', 'status=open']
const SOON = 7 * 86_400_000

export interface DueLine extends CaseDue {
  id: string
  name: string
  code: string
  overdue: boolean
}

/** Steps of open cases that are due, the oldest first. */
export function dueLines(cases: RecordData[], today: string): DueLine[] {
  return cases
    .filter((one) => one.status === 'open')
    .flatMap((one) => dueOf(one).map((due) => ({ ...due, id: one.id, name: String(one.name ?? ''), code: String(one.case_id_display ?? one.short_id ?? one.id.slice(-7)), overdue: due.on < today })))
    .sort((one, other) => one.on.localeCompare(other.on))
}

/** The same numbers as the server's, over what is kept. */
export function numbersOf(cases: RecordData[], incidents: RecordData[], today: string, at: string): HomeNumbers {
  const open = cases.filter((one) => one.status === 'open' && one.record_state !== false)
  const counted = (found: RecordData[], ...query: string[]): Counted => ({ count: found.length, query: [...OPEN, ...query] })
  const levels = [...new Set(open.flatMap((one) => (typeof one.risk_level === 'string' ? [one.risk_level] : [])))]
  const soon = new Date(Date.parse(today) + SOON).toISOString().slice(0, 10)
  const due = dueLines(open, today).filter((one) => one.on <= soon)
  const of = (lines: DueLine[]) => ({ overdue: lines.filter((one) => one.overdue).length, due_soon: lines.filter((one) => !one.overdue).length })
  const kinds: TaskKind[] = ['assessment', 'case_plan', 'follow_up', 'service']
  return {
    as_of: at,
    cases: {
      open: counted(open),
      new_or_updated: counted(open.filter((one) => one.not_edited_by_owner === true), 'not_edited_by_owner=true'),
      flagged: counted(open.filter((one) => Number(one.flag_count ?? 0) > 0), 'flagged=true'),
    },
    risk: Object.fromEntries(levels.map((level) => [level, counted(open.filter((one) => one.risk_level === level), `risk_level=${level}`)])),
    incidents: { open: counted(incidents.filter((one) => one.status === 'open')) },
    tasks: { ...of(due), kinds: Object.fromEntries(kinds.map((kind) => [kind, of(due.filter((one) => one.kind === kind))])) },
  }
}
