import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { PageTitle } from '~/app/PageTitle'
import { inLanguage } from '~/records/catalog'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { useToast } from '~/ui/Toasts'
import { type AdminForm, allFormsQuery, freshly, send } from '../api'
import { useWanted } from '../useAddress'
import { useWork } from '../useWork'
import { WorkFrame } from '../WorkFrame'
import { useAdminWords } from '../words'
import { FieldList } from './FieldList'
import { FormBasics } from './FormBasics'
import { Preview } from './Preview'
import { PublishDialog } from './PublishDialog'
import { formBody, formWork } from './model'

export default function FormPage() {
  const id = useWanted()
  const { t } = useAdminWords()
  const forms = useQuery(allFormsQuery)
  if (forms.data === undefined) {
    return <div className="page"><PageTitle title={t('forms.form')} />{forms.error === null ? <Skeleton lines={8} height={40} /> : <Failure error={forms.error} retry={() => void forms.refetch()} />}</div>
  }
  const form = forms.data.find((one) => String(one.id) === id) ?? null
  if (id !== null && form === null) return <div className="page"><PageTitle title={t('forms.form')} /><p className="note">{t('error.not_found')}</p></div>
  return <Editor key={`${id}/${form?.updated_at ?? ''}`} form={form} all={forms.data} />
}

function Editor({ form, all }: { form: AdminForm | null; all: AdminForm[] }) {
  const { t, language } = useAdminWords()
  const { may } = useSession()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const say = useToast()
  const [publishing, setPublishing] = useState(false)
  const [open, setOpen] = useState<string | null>(null)
  const work = useWork(`form/${form?.id ?? 'new'}`, formWork(form), async (next, before) => {
    await send('/api/v2/forms', form?.id ?? null, formBody(before, next, form === null))
  }, freshly('/api/v2/forms', form, formWork))
  const readOnly = form?.editable === false || !may('metadata', 'manage', 'manage_restricted')
  const publish = async () => {
    setPublishing(false)
    if (!(await work.save())) return
    say(t('builder.published'))
    if (form === null) await navigate({ to: '/settings/forms', ignoreBlocker: true })
    await cache.invalidateQueries({ queryKey: ['config', 'forms'] })
    await cache.invalidateQueries({ queryKey: ['admin'] })
  }
  const labelOf = (pointer: string) => {
    const [, part, at] = pointer.split('/')
    if (part !== 'fields') return part === 'name' ? t('roles.name') : t('forms.form')
    const field = work.value.fields[Number(at)]
    return inLanguage(field?.display_name, language) || field?.name || t('forms.field')
  }
  return (
    <div className="page">
      <PageTitle title={form === null ? t('builder.new') : <bdi>{inLanguage(form.name, language)}</bdi>} of={`form/${form?.id ?? 'new'}`}>
        {form?.core_form === true && <span className="mark">{t('builder.core')}</span>}
      </PageTitle>
      {readOnly && <p className="note">{t('builder.read_only')}</p>}
      <WorkFrame work={work} labelOf={labelOf} review={() => setPublishing(true)} saveWord={t('builder.publish')} steps readOnly={readOnly} wide>
        <div className="builder">
          <fieldset className="stack plain" disabled={readOnly}>
            <FormBasics work={work} isNew={form === null} all={all} />
            <FieldList work={work} open={open} onOpen={setOpen} />
          </fieldset>
          <aside><Preview form={work.value} /></aside>
        </div>
      </WorkFrame>
      {publishing && <PublishDialog id={form?.unique_id ?? null} before={work.base} after={work.value} all={all} onClose={() => setPublishing(false)} onConfirm={() => void publish()} />}
    </div>
  )
}
