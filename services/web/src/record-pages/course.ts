/** What a case's own fields say of its course: what is due, and what happened. */
import { type Entry, entriesOf } from '~/records/values'

type Values = Record<string, unknown>

export interface CaseDue {
  kind: 'assessment' | 'case_plan' | 'follow_up' | 'service'
  on: string
  detail: string
  /** Where the detail's words are: `subform/field`. */
  field: string | null
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** As the server's tasks: a step whose date is set and that was not done. */
export function dueOf(values: Values): CaseDue[] {
  const steps: CaseDue[] = []
  const add = (kind: CaseDue['kind'], on: unknown, done: unknown, detail = '', field: string | null = null) => {
    if (text(on) !== '' && text(done) === '') steps.push({ kind, on: text(on).slice(0, 10), detail, field })
  }
  if (values.status === 'closed') return []
  add('assessment', values.assessment_due_date, values.assessment_requested_on)
  add('case_plan', values.case_plan_due_date, values.date_case_plan)
  for (const entry of entriesOf(values.followup_subform_section)) {
    add('follow_up', entry.followup_needed_by_date, entry.followup_date, text(entry.followup_type), 'followup_subform_section/followup_type')
  }
  for (const entry of entriesOf(values.services_section)) {
    add('service', entry.service_appointment_date, entry.service_implemented_day_time, text(entry.service_type), 'services_section/service_type')
  }
  return steps.sort((one, other) => one.on.localeCompare(other.on))
}

export interface CaseEvent {
  kind: 'service' | 'follow_up' | 'note'
  on: string
  entry: Entry
  title: string
}

const SOURCES: { kind: CaseEvent['kind']; subform: string; date: string; title: string }[] = [
  { kind: 'service', subform: 'services_section', date: 'service_implemented_day_time', title: 'services_section/service_type' },
  { kind: 'follow_up', subform: 'followup_subform_section', date: 'followup_date', title: 'followup_subform_section/followup_type' },
  { kind: 'note', subform: 'notes_section', date: 'note_date', title: 'notes_section/note_subject' },
]

export function eventsOf(values: Values): CaseEvent[] {
  return SOURCES.flatMap(({ kind, subform, date, title }) =>
    entriesOf(values[subform]).flatMap((entry) => (text(entry[date]) === '' ? [] : [{ kind, on: text(entry[date]), entry, title }])),
  ).sort((one, other) => other.on.localeCompare(one.on))
}
