/** Records that are begun on the device: a draft with the defaults of its forms, and what is known already. */
import type { RecordData } from '~/api/schemas'
import type { Draft } from '~/outbox/model'
import type { Catalog } from '~/records/catalog'
import { defaultsOf } from '~/records/editing'
import type { Kind } from '~/records/kinds'
import type { Values } from '~/records/patch'

/** Programmes of the person that know the type. */
export const modulesFor = (catalog: Catalog, kind: Kind): { unique_id: string; name: string }[] =>
  (catalog.settings.modules ?? []).filter(
    (module) => catalog.user.module_unique_ids.includes(module.unique_id) && module.associated_record_types.includes(kind.type),
  )

export interface Beginning {
  draft: Draft
  /** Where writing begins. */
  section: string
}

/** Nothing where the role writes no form of the type. */
export function begin(catalog: Catalog, kind: Kind, module: string, given: Values): Beginning | null {
  const sections = catalog.sections(kind.type, module).filter((section) => section.writable)
  const first = sections[0]
  if (first === undefined) return null
  const defaults = Object.assign({}, ...sections.map((section) => defaultsOf(section.form))) as Values
  const draft: Draft = {
    id: crypto.randomUUID(), type: kind.type, module, base: undefined,
    patch: { module_id: module, ...defaults, ...given }, isNew: true, savedAt: new Date().toISOString(),
  }
  return { draft, section: first.form.unique_id }
}

interface FieldMap {
  fields?: { source: string; target: string }[]
}

/** What is taken over where the programme does not say, as on the server. */
const USUAL = [
  ['survivor_code_no', 'survivor_code'], ['age', 'age'], ['date_of_birth', 'date_of_birth'], ['sex', 'sex'],
  ['gbv_ethnicity', 'ethnicity'], ['country_of_origin', 'country_of_origin'], ['gbv_nationality', 'nationality'],
  ['gbv_religion', 'religion'], ['maritial_status', 'maritial_status'], ['gbv_displacement_status', 'displacement_status'],
  ['gbv_disability_type', 'disability_type'], ['unaccompanied_separated_status', 'unaccompanied_separated_status'],
].map(([source = '', target = '']) => ({ source, target }))

/** As the server fills an incident from its case; it fills in itself what a role does not see here. */
export function incidentOf(catalog: Catalog, values: RecordData): Values {
  const module = (catalog.settings.modules ?? []).find((one) => one.unique_id === values.module_id)
  const { fields: mapped = [] } = (module?.field_map ?? {}) as FieldMap
  const fields = mapped.length > 0 ? mapped : USUAL
  const known = fields.filter(({ source, target }) => values[source] != null && catalog.field('incident', target) !== undefined)
  return { ...Object.fromEntries(known.map(({ source, target }) => [target, values[source]])), incident_case_id: values.id }
}
