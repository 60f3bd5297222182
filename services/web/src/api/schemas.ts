/** Shapes of what the server sends, as far as the client relies on them. */
import * as z from 'zod/mini'

/** Changes with this file: what was checked by another one is checked again. */
export const SHAPES = import.meta.url

export const text = z.record(z.string(), z.string())
export type Text = z.infer<typeof text>

export const option = z.looseObject({
  id: z.pipe(z.union([z.string(), z.number(), z.boolean()]), z.transform(String)),
  display_text: z.optional(z.nullable(z.union([text, z.string()]))),
  disabled: z.optional(z.nullable(z.boolean())),
  tags: z.optional(z.nullable(z.array(z.string()))),
})
export type Option = z.infer<typeof option>

const tree = z.optional(z.nullable(z.unknown()))
const flag = z.optional(z.nullable(z.boolean()))

export const field = z.looseObject({
  id: z.number(),
  name: z.string(),
  type: z.string(),
  display_name: z.optional(text),
  help_text: z.optional(text),
  guiding_questions: z.optional(text),
  tick_box_label: z.optional(text),
  signature_provided_by_label: z.optional(text),
  multi_select: flag,
  visible: flag,
  mobile_visible: flag,
  disabled: flag,
  required: flag,
  hide_on_view_page: flag,
  hidden_text_field: flag,
  phone_number: flag,
  date_include_time: flag,
  autosum_total: flag,
  autosum_group: z.optional(z.nullable(z.string())),
  date_validation: z.optional(z.nullable(z.string())),
  option_strings_source: z.optional(z.nullable(z.string())),
  option_strings_text: z.optional(z.nullable(z.array(option))),
  option_strings_condition: tree,
  selected_value: z.optional(z.nullable(z.unknown())),
  tally: z.optional(z.nullable(z.array(option))),
  calculation: tree,
  display_conditions_record: tree,
  display_conditions_subform: tree,
  subform_section_id: z.optional(z.nullable(z.number())),
  subform_unique_id: z.optional(z.nullable(z.string())),
  subform_section_configuration: z.optional(z.nullable(z.looseObject({}))),
  subform_summary: tree,
  link_to_path: z.optional(z.nullable(z.string())),
  order: z.optional(z.nullable(z.number())),
})
export type Field = z.infer<typeof field>

export const form = z.looseObject({
  id: z.number(),
  unique_id: z.string(),
  name: text,
  help_text: z.optional(text),
  parent_form: z.string(),
  visible: flag,
  is_nested: flag,
  order: z.optional(z.nullable(z.number())),
  order_form_group: z.optional(z.nullable(z.number())),
  form_group_id: z.optional(z.nullable(z.string())),
  form_group_name: z.optional(z.nullable(text)),
  module_ids: z.optional(z.array(z.string())),
  display_conditions: tree,
  display_help_text_view: flag,
  collapsed_field_names: z.optional(z.nullable(z.array(z.string()))),
  initial_subforms: z.optional(z.nullable(z.number())),
  subform_prevent_item_removal: flag,
  subform_append_only: flag,
  fields: z.array(field),
})
export type Form = z.infer<typeof form>

export const lookup = z.looseObject({ unique_id: z.string(), name: text, values: z.array(option) })
export type Lookup = z.infer<typeof lookup>

export const place = z.looseObject({
  code: z.string(),
  name: text,
  admin_level: z.optional(z.nullable(z.number())),
  disabled: flag,
})
export type Place = z.infer<typeof place>

const filterOption = z.looseObject({
  id: z.string(),
  key: z.optional(z.string()),
  display_name: z.optional(z.string()),
  display_text: z.optional(z.union([text, z.string()])),
})
export type FilterOption = z.infer<typeof filterOption>

export const filter = z.looseObject({
  name: z.string(),
  field_name: z.string(),
  unique_id: z.string(),
  type: z.string(),
  option_strings_source: z.optional(z.nullable(z.string())),
  options: z.optional(z.nullable(z.union([z.array(filterOption), z.record(z.string(), z.array(filterOption))]))),
})
export type Filter = z.infer<typeof filter>

export const user = z.looseObject({
  id: z.number(),
  user_name: z.string(),
  full_name: z.optional(z.nullable(z.string())),
  locale: z.optional(z.nullable(z.string())),
  role_unique_id: z.optional(z.string()),
  is_manager: z.optional(z.boolean()),
  module_unique_ids: z.array(z.string()),
  code_of_conduct_id: z.optional(z.nullable(z.number())),
  permissions: z.object({ list: z.array(z.object({ resource: z.string(), actions: z.array(z.string()) })) }),
  permitted_form: z.record(z.string(), z.string()),
  filters: z.optional(z.record(z.string(), z.array(filter))),
  list_headers: z.optional(
    z.record(z.string(), z.array(z.looseObject({ name: z.string(), field_name: z.string() }))),
  ),
})
export type User = z.infer<typeof user>

export const settings = z.looseObject({
  default_locale: z.optional(z.string()),
  code_of_conduct: z.optional(z.nullable(z.looseObject({ id: z.number(), title: z.string(), content: z.string() }))),
  system_options: z.optional(z.looseObject({ code_of_conduct_enabled: z.optional(z.nullable(z.boolean())) })),
  agencies: z.optional(z.array(z.looseObject({ unique_id: z.string(), name: text }))),
  modules: z.optional(
    z.array(z.looseObject({ unique_id: z.string(), name: z.string(), associated_record_types: z.array(z.string()), module_options: z.looseObject({}) })),
  ),
})
export type Settings = z.infer<typeof settings>

/** A record is whatever the forms say. */
export type RecordData = Record<string, unknown> & { id: string }
