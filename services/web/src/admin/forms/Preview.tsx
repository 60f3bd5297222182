import { useMemo, useRef } from 'react'
import type { Field } from '~/api/schemas'
import { CatalogGate } from '~/records/CatalogGate'
import { inLanguage } from '~/records/catalog'
import { Editing, defaultsOf } from '~/records/editing'
import { FieldInput } from '~/records/FieldInput'
import { useAdminWords } from '../words'
import type { FormWork } from './model'

/** The form as it will be on a phone: the inputs of the record page, with skip logic at work. */
export function Preview({ form }: { form: FormWork }) {
  const { t, language } = useAdminWords()
  return (
    <section aria-labelledby="preview" className="stack-tight">
      <h2 id="preview">{t('builder.preview')}</h2>
      <p className="small soft">{t('builder.preview_help')}</p>
      <div className="phone-frame">
        <h3>{inLanguage(form.name, language) || t('builder.new')}</h3>
        <CatalogGate><Inputs form={form} /></CatalogGate>
      </div>
    </section>
  )
}

function Inputs({ form }: { form: FormWork }) {
  const { t } = useAdminWords()
  const typed = useRef<Record<string, unknown>>({})
  const shape = JSON.stringify(form.fields)
  const { fields, editing } = useMemo(() => {
    const fields = (JSON.parse(shape) as Field[]).filter((one) => one.visible !== false).map((one, at): Field => ({ ...one, id: one.id ?? -1 - at }))
    const made = new Editing({ ...defaultsOf({ fields }), ...typed.current }, fields)
    made.listenAll(() => { typed.current = made.values })
    return { fields, editing: made }
  }, [shape])
  if (fields.length === 0) return <p className="soft">{t('builder.no_fields')}</p>
  return <>{fields.map((field) => <FieldInput key={`${field.name}/${field.type}`} field={field} editing={editing} prefix="preview" />)}</>
}
