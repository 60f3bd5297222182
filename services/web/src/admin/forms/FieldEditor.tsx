import { useQuery } from '@tanstack/react-query'
import { lookupsQuery } from '~/api/queries'
import { inLanguage } from '~/records/catalog'
import { allFormsQuery } from '../api'
import { One, Texts, Tick } from '../fields'
import { Options } from '../lookups/Options'
import { type Value, lookupForm } from '../lookups/values'
import { useAdminWords } from '../words'
import { Conditions } from './Conditions'
import { type FormWork, type Part, offersOptions } from './model'

interface Props {
  field: Part
  at: number
  form: FormWork
  /** The same field as the server has it. */
  before: Part | undefined
  onChange: (change: Partial<Part>, mark?: string) => void
}

/** Everything that can be said of one field. */
export function FieldEditor({ field, at, form, before, onChange }: Props) {
  const { t } = useAdminWords()
  const pointer = `/fields/${at}`
  const flag = (key: 'required' | 'visible' | 'mobile_visible' | 'disabled' | 'hide_on_view_page', value: boolean, on: (now: boolean) => boolean = (now) => now) => (
    <Tick label={t(`field_flag.${key}`)} value={on(value)} onChange={(next) => onChange({ [key]: on(next) })} />
  )
  return (
    <div className="entry-body">
      <Texts label={t('builder.label')} pointer={`${pointer}/display_name`} wanted value={field.display_name} onChange={(display_name, tag) => onChange({ display_name }, `label/${tag}`)} />
      <Texts label={t('builder.help')} pointer={`${pointer}/help_text`} value={field.help_text} onChange={(help_text, tag) => onChange({ help_text }, `help/${tag}`)} />
      {field.type === 'tick_box' && <Texts label={t('builder.tick_label')} pointer={`${pointer}/tick_box_label`} value={field.tick_box_label} onChange={(tick_box_label, tag) => onChange({ tick_box_label }, `tick/${tag}`)} />}
      <details><summary>{t('field.guide')}</summary><Texts label={t('field.guide')} pointer={`${pointer}/guiding_questions`} rows={3} value={field.guiding_questions} onChange={(guiding_questions, tag) => onChange({ guiding_questions }, `guide/${tag}`)} /></details>
      <div className="ticks">
        {field.type !== 'separator' && flag('required', field.required === true)}
        {flag('visible', field.visible !== false)}
        {flag('mobile_visible', field.mobile_visible !== false)}
        {flag('disabled', field.disabled === true)}
        {flag('hide_on_view_page', field.hide_on_view_page === true)}
      </div>
      {offersOptions(field) && <Source field={field} pointer={pointer} before={before} onChange={onChange} />}
      {field.type === 'tally_field' && <Options values={valuesOf(field.tally, before?.tally)} pointer={`${pointer}/tally`} onChange={(values, mark) => onChange({ tally: optionsOf(values) }, mark)} />}
      {field.type === 'date_field' && <One label={t('builder.dates')} pointer={`${pointer}/date_validation`} value={field.date_validation ?? 'default_date_validation'} onChange={(date_validation) => onChange({ date_validation })} options={[{ id: 'default_date_validation', name: t('builder.any_date') }, { id: 'not_future_date', name: t('builder.not_future') }]} />}
      {field.type === 'subform' && <Subform field={field} pointer={pointer} form={form} onChange={onChange} />}
      <Skip field={field} form={form} onChange={onChange} />
    </div>
  )
}

function valuesOf(options: Part['option_strings_text'], before: Part['option_strings_text']): Value[] {
  const known = new Set((before ?? []).map((one) => one.id))
  return lookupForm({ unique_id: '', name: {}, values: options ?? [] }).values.map((one) => ({ ...one, isNew: !known.has(one.id) }))
}

const optionsOf = (values: Value[]) => values.map(({ id, display_text, disabled, rest }) => ({ ...rest, id, display_text, ...(disabled ? { disabled: true } : {}) }))

const OWN = '-own'

/** Where the options come from: a list of their own, a lookup, or what the system has. */
function Source({ field, pointer, before, onChange }: { field: Part; pointer: string; before: Part | undefined; onChange: Props['onChange'] }) {
  const { t, language } = useAdminWords()
  const lookups = useQuery(lookupsQuery)
  const source = field.option_strings_source ?? ''
  const sources = [
    { id: OWN, name: t('builder.own_options') },
    { id: 'Location', name: t('locations.title') }, { id: 'Agency', name: t('agencies.title') }, { id: 'User', name: t('settings.users') }, { id: 'UserGroup', name: t('users.groups') },
    ...(lookups.data ?? []).map((one) => ({ id: `lookup ${one.unique_id}`, name: `${t('lookups.one')}: ${inLanguage(one.name, language)}` })),
  ]
  const choose = (next: string) => onChange(next === OWN ? { option_strings_source: undefined, option_strings_text: field.option_strings_text ?? [] } : { option_strings_source: next, option_strings_text: undefined })
  return (
    <>
      <One label={t('builder.options_from')} pointer={`${pointer}/option_strings_source`} value={source === '' ? OWN : source} onChange={choose} options={sources} />
      {source === '' && <Options values={valuesOf(field.option_strings_text, before?.option_strings_text)} pointer={`${pointer}/option_strings_text`} onChange={(values, mark) => onChange({ option_strings_text: optionsOf(values) }, mark)} />}
    </>
  )
}

function Subform({ field, pointer, form, onChange }: { field: Part; pointer: string; form: FormWork; onChange: Props['onChange'] }) {
  const { t, language } = useAdminWords()
  const forms = useQuery(allFormsQuery)
  const nested = (forms.data ?? []).filter((one) => one.is_nested === true && one.parent_form === form.parent_form && one.unique_id !== form.unique_id)
  const choose = (id: string) => {
    const found = nested.find((one) => String(one.id) === id)
    if (found !== undefined) onChange({ subform_section_id: found.id, subform_unique_id: found.unique_id })
  }
  return <One label={t('builder.subform')} pointer={`${pointer}/subform_section_id`} help={t('builder.subform_help')} wanted none={t('choose.none')} value={String(field.subform_section_id ?? '')} onChange={choose} options={nested.map((one) => ({ id: String(one.id), name: inLanguage(one.name, language) }))} />
}

/** On a form, fields of the whole record are asked; within a subform, those of the entry. */
function Skip({ field, form, onChange }: { field: Part; form: FormWork; onChange: Props['onChange'] }) {
  const { t } = useAdminWords()
  const forms = useQuery(allFormsQuery)
  const key = form.is_nested ? 'display_conditions_subform' : 'display_conditions_record'
  const elsewhere = form.is_nested ? [] : (forms.data ?? []).filter((one) => one.parent_form === form.parent_form && one.is_nested !== true && one.unique_id !== form.unique_id).flatMap((one) => one.fields)
  const askable = [...form.fields, ...elsewhere].filter((one, place, all) => one.name !== field.name && !['subform', 'separator', 'textarea'].includes(one.type) && all.findIndex((other) => other.name === one.name) === place)
  return (
    <details open={field[key] != null}>
      <summary>{t('skip.title')}</summary>
      <Conditions tree={field[key]} fields={askable} onChange={(tree) => onChange({ [key]: tree ?? undefined })} />
    </details>
  )
}
