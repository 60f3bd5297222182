import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { formsQuery } from '~/api/queries'
import type { Form } from '~/api/schemas'
import { PageTitle } from '~/app/PageTitle'
import { useWords } from '~/i18n'
import { inLanguage, visibleFields } from '~/records/catalog'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import '~/record-pages/record.css'

/** The forms and their fields, to be read and searched by name or label. */
export default function FormsPage() {
  const { t, language } = useWords()
  const forms = useQuery(formsQuery)
  const [typed, setTyped] = useState('')
  const wanted = typed.trim().toLowerCase()
  const shown = (forms.data ?? []).filter((form) => form.fields.length > 0 && (wanted === '' || says(form, wanted, language)))
  return (
    <div className="page">
      <PageTitle title={t('settings.forms')} />
      <input className="input narrow" type="search" dir="auto" autoComplete="off" aria-label={t('forms.search')} placeholder={t('forms.search')} value={typed} onChange={(event) => setTyped(event.target.value)} />
      {forms.error !== null && <Failure error={forms.error} retry={() => void forms.refetch()} />}
      {forms.isPending && <Skeleton lines={8} height={40} />}
      <p className="small soft" role="status">{forms.data !== undefined && t('forms.total', { count: shown.length })}</p>
      <ul className="entries">{shown.map((form) => <li key={form.id}><FormCard form={form} wanted={wanted} /></li>)}</ul>
    </div>
  )
}

const says = (form: Form, wanted: string, language: string) =>
  inLanguage(form.name, language).toLowerCase().includes(wanted) || form.unique_id.includes(wanted) || form.fields.some((field) => fieldSays(field, wanted, language))

const fieldSays = (field: Form['fields'][number], wanted: string, language: string) =>
  field.name.includes(wanted) || inLanguage(field.display_name, language).toLowerCase().includes(wanted)

function FormCard({ form, wanted }: { form: Form; wanted: string }) {
  const { t, language } = useWords()
  return (
    <details className="entry">
      <summary>
        <span><bdi>{inLanguage(form.name, language)}</bdi> <span className="small soft">{form.parent_form.replaceAll('_', ' ')}{form.is_nested === true && ` · ${t('forms.subform')}`}</span></span>
      </summary>
      <div className="entry-body">
        <div className="table-frame" tabIndex={0} role="region" aria-label={inLanguage(form.name, language)}>
          <table className="table">
            <thead><tr><th>{t('forms.field')}</th><th>{t('forms.key')}</th><th>{t('forms.kind')}</th></tr></thead>
            <tbody>
              {visibleFields(form).filter((field) => wanted === '' || fieldSays(field, wanted, language) || !form.fields.some((one) => fieldSays(one, wanted, language))).map((field) => (
                <tr key={field.name}>
                  <td><bdi>{inLanguage(field.display_name, language)}</bdi>{field.required === true && <span className="soft"> ({t('field.required')})</span>}</td>
                  <td className="small" dir="ltr">{field.name}</td>
                  <td className="small" dir="ltr">{field.type.replaceAll('_', ' ')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
    </details>
  )
}
