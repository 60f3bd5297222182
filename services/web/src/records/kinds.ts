/** The record types, one line of the table each. Pages, lists, drafts and the caseload go by it. */
import type { Values } from './patch'

export type RecordType = 'case' | 'incident' | 'tracing_request' | 'family' | 'registry_record'

export interface Kind {
  type: RecordType
  /** In addresses and in the API; rights, filters and columns of a role go by it too. */
  place: string
  /** What a record is called by: the first of these fields that is filled in. */
  title: readonly string[]
  /** Whether the title is a person's name, which lists may hide. */
  namesPeople: boolean
  codes: readonly string[]
  /** Columns beside the title, where the role sees them. */
  columns: readonly string[]
  /** What a phone shows under the title. */
  about: readonly string[]
  /** Further fields of a row. */
  extra: readonly string[]
  /** The list that the menu opens. */
  start: Record<string, string>
  /** Which of them a device keeps. */
  kept: { own: boolean; most: number; only: Record<string, string | boolean> }
  /** What a typed name fills in; types without one begin at once. */
  begin: ((typed: string) => Values) | null
}

const OPEN = { status: 'open', record_state: 'true' } as const
const ENABLED = { record_state: 'true' } as const

export const KINDS: Record<RecordType, Kind> = {
  case: {
    type: 'case', place: 'cases', title: ['name'], namesPeople: true, codes: ['case_id_display', 'short_id'],
    columns: ['age', 'location_current', 'owned_by', 'registration_date'], about: ['age', 'risk_level'],
    extra: ['sex', 'workflow', 'photo', 'hidden_name', 'record_in_scope', 'assessment_due_date', 'case_plan_due_date'],
    start: OPEN, kept: { own: true, most: 200, only: { status: 'open', record_state: true } }, begin: nameParts,
  },
  incident: {
    type: 'incident', place: 'incidents', title: ['cp_incident_violence_type', 'gbv_sexual_violence_type'], namesPeople: false, codes: ['incident_code', 'short_id'],
    columns: ['incident_date_derived', 'date_of_first_report', 'survivor_code', 'owned_by'], about: ['incident_date_derived', 'incident_location'],
    extra: ['incident_case_id', 'case_id_display'],
    start: OPEN, kept: { own: true, most: 100, only: { record_state: true } }, begin: null,
  },
  tracing_request: {
    type: 'tracing_request', place: 'tracing_requests', title: ['relation_name'], namesPeople: true, codes: ['tracing_request_id_display', 'short_id'],
    columns: ['inquiry_date', 'tracing_names'], about: ['tracing_names', 'inquiry_date'], extra: [],
    start: OPEN, kept: { own: true, most: 100, only: { status: 'open', record_state: true } }, begin: (typed) => (typed === '' ? {} : { relation_name: typed }),
  },
  family: {
    type: 'family', place: 'families', title: ['family_name'], namesPeople: true, codes: ['family_id_display', 'short_id'],
    columns: ['family_location_current', 'family_registration_date'], about: ['family_number', 'family_location_current'], extra: ['family_size'],
    start: ENABLED, kept: { own: false, most: 100, only: { record_state: true } }, begin: (typed) => (typed === '' ? {} : { family_name: typed }),
  },
  registry_record: {
    type: 'registry_record', place: 'registry_records', title: ['name'], namesPeople: true, codes: ['registry_id_display', 'short_id'],
    columns: ['registry_no', 'registration_date'], about: ['registry_type', 'registry_no'], extra: ['location_current'],
    start: ENABLED, kept: { own: false, most: 100, only: { record_state: true } }, begin: (typed) => (typed === '' ? {} : { name: typed }),
  },
}

export const ALL_KINDS: readonly Kind[] = Object.values(KINDS)

export const kindAt = (place: string): Kind | undefined => ALL_KINDS.find((kind) => kind.place === place)

/** Fields of a row; the server leaves out what the role may not read. */
export const rowFields = (kind: Kind): string =>
  [...new Set([...kind.title, ...kind.codes, 'short_id', ...kind.columns, ...kind.about, ...kind.extra, 'status', 'created_at', 'flag_count', 'alert_count'])].join(',')

const filled = (values: Values, names: readonly string[]): string | undefined =>
  names.find((name) => values[name] != null && String(values[name]) !== '')

/** The field that a record is called by, where it is filled in. */
export const titleField = (kind: Kind, values: Values): string | undefined => filled(values, kind.title)

export function codeOf(kind: Kind, values: Values): string {
  const field = filled(values, kind.codes)
  return field === undefined ? String(values.id ?? '').slice(-7) : String(values[field])
}

/** The first word is the first name and the last word the last, as the forms ask for them. */
export function nameParts(name: string): Record<string, string> {
  const words = name.trim().split(/\s+/).filter((word) => word !== '')
  const [first, ...rest] = words
  const last = rest.pop()
  return {
    ...(first === undefined ? {} : { name_first: first }),
    ...(rest.length === 0 ? {} : { name_middle: rest.join(' ') }),
    ...(last === undefined ? {} : { name_last: last }),
  }
}
