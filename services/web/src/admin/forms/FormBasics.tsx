import { useQuery } from '@tanstack/react-query'
import { inLanguage } from '~/records/catalog'
import { type AdminForm, modulesQuery } from '../api'
import { Line, Many, One, Texts, Tick } from '../fields'
import { typeName } from '../roles/names'
import type { Work } from '../useWork'
import { useAdminWords } from '../words'
import { Conditions } from './Conditions'
import type { FormWork } from './model'

const TYPES = ['case', 'incident', 'tracing_request', 'family', 'registry_record']

/** What the form is: its name, where it stands, when it is shown. */
export function FormBasics({ work, isNew, all }: { work: Work<FormWork>; isNew: boolean; all: AdminForm[] }) {
  const words = useAdminWords()
  const { t, language } = words
  const { value } = work
  const modules = useQuery(modulesQuery)
  const groups = new Map(all.filter((one) => one.form_group_id != null && one.parent_form === value.parent_form).map((one) => [one.form_group_id as string, inLanguage(one.form_group_name, language)]))
  const askable = all.filter((one) => one.parent_form === value.parent_form && one.is_nested !== true && one.unique_id !== value.unique_id).flatMap((one) => one.fields).filter((one) => !['subform', 'separator', 'textarea'].includes(one.type))
  const put = (key: keyof FormWork) => (next: unknown) => work.set({ ...value, [key]: next }, key)
  return (
    <details className="card" open={isNew}>
      <summary className="summary">{t('builder.settings')}</summary>
      <div className="stack">
        <Texts label={t('roles.name')} pointer="/name" wanted value={value.name} onChange={(name, tag) => work.set({ ...value, name }, `name/${tag}`)} />
        <Texts label={t('roles.description')} pointer="/description" rows={2} value={value.description} onChange={(description, tag) => work.set({ ...value, description }, `description/${tag}`)} />
        <div className="pair">
          <One label={t('forms.type')} pointer="/parent_form" disabled={!isNew} value={value.parent_form} onChange={put('parent_form')} options={TYPES.map((id) => ({ id, name: typeName(words, id) }))} />
          <One label={t('builder.group')} pointer="/form_group_id" none={t('choose.none')} value={value.form_group_id} onChange={put('form_group_id')} options={[...groups].map(([id, name]) => ({ id, name: name || id }))} />
          <Line label={t('builder.order')} pointer="/order" type="number" value={String(value.order)} onChange={(order) => put('order')(Math.trunc(Number(order)) || 0)} />
          <Line label={t('builder.group_order')} pointer="/order_form_group" type="number" value={String(value.order_form_group)} onChange={(order) => put('order_form_group')(Math.trunc(Number(order)) || 0)} />
        </div>
        <Many label={t('roles.modules')} pointer="/module_ids" value={value.module_ids} onChange={put('module_ids')} options={(modules.data ?? []).map((one) => ({ id: one.unique_id, name: one.name }))} />
        <div className="ticks">
          <Tick label={t('field_flag.visible')} value={value.visible} onChange={put('visible')} />
          <Tick label={t('field_flag.mobile_visible')} value={value.mobile_form} onChange={put('mobile_form')} />
          {isNew && <Tick label={t('builder.is_nested')} help={t('builder.is_nested_help')} value={value.is_nested} onChange={put('is_nested')} />}
        </div>
        {!value.is_nested && (
          <details open={value.display_conditions != null}>
            <summary>{t('skip.title')}</summary>
            <Conditions tree={value.display_conditions} fields={askable} onChange={put('display_conditions')} />
          </details>
        )}
      </div>
    </details>
  )
}
