/** Values in words. */
import type { Field } from '~/api/schemas'
import type { TextKey, Words } from '~/i18n'
import { type Catalog, inLanguage } from './catalog'
import { labelOf } from './options'

export type Entry = Record<string, unknown> & { unique_id?: string }

/** Whether nothing is filled in. */
export function isBlank(value: unknown): boolean {
  if (value === null || value === undefined) return true
  if (typeof value === 'string') return value.trim() === ''
  if (Array.isArray(value)) return value.length === 0
  return typeof value === 'object' && Object.keys(value).length === 0
}

export function entriesOf(value: unknown): Entry[] {
  return Array.isArray(value) ? value.filter((one): one is Entry => typeof one === 'object' && one !== null) : []
}

/** Kinds whose values are files, which travel on their own. */
export const FILE_KINDS: ReadonlySet<string> = new Set(['photo_upload_box', 'audio_upload_box', 'document_upload_box', 'signature'])

/** A value as a person reads it; an empty text when there is none. */
export function inWords(catalog: Catalog, field: Field, value: unknown, words: Words): string {
  if (isBlank(value)) return ''
  switch (field.type) {
    case 'tick_box': return words.t(value === true ? 'value.yes' : 'value.no')
    case 'date_field': return field.date_include_time === true ? words.moment(String(value)) : words.date(String(value))
    case 'numeric_field':
    case 'calculated': return typeof value === 'number' ? words.number(value) : scalar(value, words)
    case 'tally_field': return tally(field, value as Record<string, unknown>, words)
    case 'subform': return words.t('record.entries', { count: entriesOf(value).length })
    case 'select_box':
    case 'radio_button': return list(value).map((code) => labelOf(catalog, field, code, words.language)).join(' · ')
    default: return scalar(value, words)
  }
}

const list = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String)

function scalar(value: unknown, words: Words): string {
  if (typeof value === 'boolean') return words.t(value ? 'value.yes' : 'value.no')
  if (Array.isArray(value)) return value.filter((one) => typeof one !== 'object').join(' · ')
  return typeof value === 'object' ? '' : String(value)
}

function tally(field: Field, value: Record<string, unknown>, words: Words): string {
  const counted = (field.tally ?? []).filter((one) => typeof value[one.id] === 'number')
  const parts = counted.map((one) => `${inLanguage(one.display_text, words.language)}: ${words.number(Number(value[one.id]))}`)
  const total = value.total
  return typeof total === 'number' ? [...parts, `${words.t('value.total')}: ${words.number(total)}`].join(' · ') : parts.join(' · ')
}

/** Fields of the system that no form names, for histories and conflicts. */
const SYSTEM_FIELDS: Record<string, TextKey> = {
  status: 'system_field.status',
  workflow: 'system_field.workflow',
  owned_by: 'system_field.owned_by',
  record_state: 'system_field.record_state',
  name: 'system_field.name',
}

/** The name of a field in words, also of one that no form has. */
export function fieldName(catalog: Catalog, recordType: string, name: string, words: Words): string {
  const field = catalog.field(recordType, name)
  if (field !== undefined) return inLanguage(field.display_name, words.language) || name
  const known = SYSTEM_FIELDS[name]
  return known === undefined ? name.replaceAll('_', ' ') : words.t(known)
}
