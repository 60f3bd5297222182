import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { PageTitle } from '~/app/PageTitle'
import { inLanguage } from '~/records/catalog'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { Icon } from '~/ui/Icon'
import { Skeleton } from '~/ui/Skeleton'
import { type AdminForm, allFormsQuery, modulesQuery } from '../api'
import { One } from '../fields'
import { typeName } from '../roles/names'
import { useAddress } from '../useAddress'
import { useAdminWords } from '../words'

const TYPES = ['case', 'incident', 'tracing_request', 'family', 'registry_record']

/** Forms by record type and group, found by a name, a field or its label. */
export default function FormsPage() {
  const words = useAdminWords()
  const { t, language } = words
  const { may } = useSession()
  const forms = useQuery(allFormsQuery)
  const modules = useQuery(modulesQuery)
  const [search, change] = useAddress()
  const [typed, setTyped] = useState('')
  const wanted = typed.trim().toLowerCase()
  const shown = (forms.data ?? []).filter((form) =>
    (search.module === undefined || (form.module_ids ?? []).includes(search.module)) && (search.type === undefined || form.parent_form === search.type) && (wanted === '' || says(form, wanted, language)))
  return (
    <div className="page">
      <PageTitle title={t('settings.forms')} of="/settings/forms">
        {may('metadata', 'manage') && <Link to="/settings/forms/$id" params={{ id: 'new' }} className="button button-main"><Icon name="add" /> {t('builder.new')}</Link>}
      </PageTitle>
      <input className="input narrow" type="search" dir="auto" autoComplete="off" aria-label={t('forms.search')} placeholder={t('forms.search')} value={typed} onChange={(event) => setTyped(event.target.value)} />
      <div className="filters narrow">
        <One label={t('roles.modules')} pointer="" none={t('admin.any')} value={search.module ?? ''} onChange={(module) => change({ module: module || undefined })} options={(modules.data ?? []).map((one) => ({ id: one.unique_id, name: one.name }))} />
        <One label={t('forms.type')} pointer="" none={t('admin.any')} value={search.type ?? ''} onChange={(type) => change({ type: type || undefined })} options={TYPES.map((id) => ({ id, name: typeName(words, id) }))} />
      </div>
      {forms.error !== null && <Failure error={forms.error} retry={() => void forms.refetch()} />}
      {forms.isPending && <Skeleton lines={8} height={40} />}
      <p className="small soft" role="status">{forms.data !== undefined && t('forms.total', { count: shown.length })}</p>
      {TYPES.map((type) => <Groups key={type} type={type} forms={shown.filter((form) => form.parent_form === type)} wanted={wanted} />)}
      {forms.data !== undefined && shown.length === 0 && <p className="empty card">{t('choose.nothing')}</p>}
    </div>
  )
}

const fieldSays = (field: AdminForm['fields'][number], wanted: string, language: string) => field.name.includes(wanted) || inLanguage(field.display_name, language).toLowerCase().includes(wanted)
const says = (form: AdminForm, wanted: string, language: string) => inLanguage(form.name, language).toLowerCase().includes(wanted) || form.unique_id.includes(wanted) || form.fields.some((field) => fieldSays(field, wanted, language))

function Groups({ type, forms, wanted }: { type: string; forms: AdminForm[]; wanted: string }) {
  const words = useAdminWords()
  const { language } = words
  if (forms.length === 0) return null
  const rank = (form: AdminForm) => (form.order_form_group ?? 0) * 1_000_000 + (form.order ?? 0)
  const sorted = [...forms].sort((one, other) => rank(one) - rank(other))
  const groups = [...new Set(sorted.map((form) => (form.is_nested === true ? '' : form.form_group_id ?? form.unique_id)))]
  return (
    <section className="stack-tight">
      <h2>{typeName(words, type)}</h2>
      {groups.map((group) => {
        const own = sorted.filter((form) => (form.is_nested === true ? '' : form.form_group_id ?? form.unique_id) === group)
        const name = own[0]?.is_nested === true ? words.t('forms.subforms') : inLanguage(own[0]?.form_group_name ?? own[0]?.name, language)
        return (
          <div key={group} className="card">
            <h3 className="entry-group">{name}</h3>
            <ul className="lines">{own.map((form) => <Row key={form.id} form={form} wanted={wanted} />)}</ul>
          </div>
        )
      })}
    </section>
  )
}

function Row({ form, wanted }: { form: AdminForm; wanted: string }) {
  const { t, language } = useAdminWords()
  const found = wanted === '' ? [] : form.fields.filter((field) => fieldSays(field, wanted, language)).slice(0, 6)
  return (
    <li className="form-row">
      <Link to="/settings/forms/$id" params={{ id: String(form.id) }} className="line-link"><bdi>{inLanguage(form.name, language)}</bdi></Link>
      {form.visible === false && <span className="mark">{t('builder.hidden')}</span>}
      <span className="small soft grow">{found.length > 0 ? found.map((field) => inLanguage(field.display_name, language)).join(' · ') : t('builder.field_count', { count: form.fields.length })}</span>
    </li>
  )
}
