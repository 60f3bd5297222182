import { useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from '~/api/client'
import { Refused } from '~/api/problem'
import { PageTitle } from '~/app/PageTitle'
import { KINDS, type RecordType } from '~/records/kinds'
import { useWords } from '~/i18n'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { changed, freshly, send } from '../api'
import { Line } from '../fields'
import { useWork } from '../useWork'
import { WorkFrame } from '../WorkFrame'
import { useAdminWords } from '../words'

interface Module {
  id: number
  unique_id: string
  name: string
  description?: string | null
  associated_record_types: string[]
  form_section_unique_ids: string[]
}

/** Programmes of work: what they are called, and what belongs to them. */
export default function ModulesPage() {
  const { t } = useAdminWords()
  const words = useWords()
  const modules = useQuery({ queryKey: ['admin', 'modules'], queryFn: async ({ signal }) => (await call<Module[]>('/api/v2/primero_modules', { signal })).data })
  return (
    <div className="page">
      <PageTitle title={words.t('settings.modules')} />
      <p className="soft narrow">{t('modules.help')}</p>
      {modules.error !== null && <Failure error={modules.error} retry={() => void modules.refetch()} />}
      {modules.isPending && <Skeleton lines={6} height={40} />}
      {(modules.data ?? []).map((module) => <Editor key={module.id} module={module} />)}
    </div>
  )
}

const formOf = (module: Module) => ({ name: module.name, description: module.description ?? '' })

function Editor({ module }: { module: Module }) {
  const { t } = useAdminWords()
  const words = useWords()
  const cache = useQueryClient()
  const work = useWork(`module/${module.id}`, formOf(module), async (form, before) => {
    // The server keeps the former name without a word.
    if (form.name.trim() === '') throw new Refused(422, [{ fields: [{ pointer: '/name', code: 'blank', message: t('modules.name_wanted') }] }], null)
    await send('/api/v2/primero_modules', module.id, changed(before, form))
    await cache.invalidateQueries({ queryKey: ['config', 'settings'] })
  }, freshly<Module, ReturnType<typeof formOf>>('/api/v2/primero_modules', module, formOf))
  const { value } = work
  const types = module.associated_record_types.filter((type): type is RecordType => type in KINDS)
  return (
    <section className="stack narrow one-of-many" aria-label={module.name}>
      <WorkFrame work={work} labelOf={(pointer) => t(pointer === '/name' ? 'roles.name' : 'roles.description')}>
        <div className="card stack">
          <h2><bdi>{module.name}</bdi> <span className="small soft" dir="ltr">{module.unique_id}</span></h2>
          <Line label={t('roles.name')} pointer="/name" wanted value={value.name} onChange={(name) => work.set({ ...value, name }, 'name')} />
          <Line label={t('roles.description')} pointer="/description" value={value.description} onChange={(description) => work.set({ ...value, description }, 'description')} />
          <p className="small soft">{types.map((type) => words.t(`nav.${type}`)).join(' · ')} · {t('modules.forms', { count: module.form_section_unique_ids.length })}</p>
        </div>
      </WorkFrame>
    </section>
  )
}
