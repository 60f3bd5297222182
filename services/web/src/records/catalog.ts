/** The forms as one person sees them: which sections, in which order, with which fields. */
import type { Field, Form, Lookup, Place, Settings, Text, User } from '~/api/schemas'
import { shows } from './expressions'

export interface Section {
  form: Form
  fields: Field[]
  writable: boolean
}

export interface SectionGroup {
  id: string
  name: Text
  sections: Section[]
}

/** Forms that show what hangs off a record; they have pages of their own. */
const WITHOUT_FIELDS = 'fields'

export class Catalog {
  private readonly nested = new Map<string, Form>()
  private readonly nestedById = new Map<number, Form>()
  private readonly lookupsById: Map<string, Lookup>
  private readonly placesByCode: Map<string, Place>

  constructor(
    readonly forms: Form[],
    readonly lookups: Lookup[],
    readonly places: Place[],
    readonly settings: Settings,
    readonly user: User,
  ) {
    for (const form of forms) {
      if (form.is_nested !== true) continue
      this.nested.set(form.unique_id, form)
      this.nestedById.set(form.id, form)
    }
    this.lookupsById = new Map(lookups.map((lookup) => [lookup.unique_id, lookup]))
    this.placesByCode = new Map(places.map((place) => [place.code, place]))
  }

  /** The sections of a record type and module that the person may read, in their order. */
  sections(recordType: string, module: string | undefined): Section[] {
    return this.forms
      .filter((form) => form.parent_form === recordType && form.is_nested !== true && form.visible !== false)
      .filter((form) => module === undefined || form.module_ids === undefined || form.module_ids.includes(module))
      .filter((form) => form.unique_id in this.user.permitted_form && form[WITHOUT_FIELDS].length > 0)
      .sort((one, other) => rank(one.order_form_group) - rank(other.order_form_group) || rank(one.order) - rank(other.order))
      .map((form) => ({
        form,
        fields: visibleFields(form),
        writable: this.user.permitted_form[form.unique_id] === 'rw',
      }))
  }

  groups(sections: Section[]): SectionGroup[] {
    const groups: SectionGroup[] = []
    for (const section of sections) {
      const id = section.form.form_group_id ?? section.form.unique_id
      const group = groups.find((one) => one.id === id)
      if (group !== undefined) group.sections.push(section)
      else groups.push({ id, name: section.form.form_group_name ?? section.form.name, sections: [section] })
    }
    return groups
  }

  /** The form of a subform's entries. */
  subform(field: Field): Form | undefined {
    if (field.subform_unique_id != null) return this.nested.get(field.subform_unique_id)
    return field.subform_section_id == null ? undefined : this.nestedById.get(field.subform_section_id)
  }

  lookup(id: string): Lookup | undefined {
    return this.lookupsById.get(id) ?? this.lookupsById.get(`lookup-${id}`)
  }

  place(code: string): Place | undefined {
    return this.placesByCode.get(code)
  }

  /** A field by name, wherever it stands on a form of the record type. */
  field(recordType: string, name: string): Field | undefined {
    for (const form of this.forms) {
      if (form.parent_form !== recordType || form.is_nested === true) continue
      const found = form.fields.find((field) => field.name === name)
      if (found !== undefined) return found
    }
    return undefined
  }
}

const rank = (order: number | null | undefined) => order ?? 0

export function visibleFields(form: Form): Field[] {
  return form.fields
    .filter((field) => field.visible !== false)
    .sort((one, other) => rank(one.order) - rank(other.order))
}

/** Whether a section's own condition shows it. */
export function sectionShows(form: Form, record: Record<string, unknown>): boolean {
  return shows(form.display_conditions, record)
}

/** A text in the person's language, else in English, else in any. */
export function inLanguage(text: Text | string | null | undefined, language: string): string {
  if (text == null || typeof text === 'string') return text ?? ''
  return text[language] || text.en || Object.values(text).find((one) => one !== '') || ''
}
