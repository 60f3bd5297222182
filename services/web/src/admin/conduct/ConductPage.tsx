import { useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from '~/api/client'
import { Refused } from '~/api/problem'
import { PageTitle } from '~/app/PageTitle'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { send } from '../api'
import { Line } from '../fields'
import { useWork } from '../useWork'
import { WorkFrame } from '../WorkFrame'
import { useAdminWords } from '../words'

interface Conduct {
  id: number
  title: string
  content: string
  created_on: string
  created_by: string
}

/** The code that everybody agrees to; a new text is asked of all of them again. */
export default function ConductPage() {
  const { t } = useAdminWords()
  const conduct = useQuery({
    queryKey: ['admin', 'conduct'],
    queryFn: async ({ signal }) => {
      try {
        return (await call<Conduct>('/api/v2/codes_of_conduct', { signal })).data
      } catch (failure) {
        if (failure instanceof Refused && failure.status === 404) return null
        throw failure
      }
    },
  })
  return (
    <div className="page">
      <PageTitle title={t('conduct.title')} />
      {conduct.error !== null && <Failure error={conduct.error} retry={() => void conduct.refetch()} />}
      {conduct.isPending && <Skeleton lines={6} height={40} />}
      {conduct.data !== undefined && <Editor key={conduct.data?.id ?? 0} conduct={conduct.data} />}
    </div>
  )
}

function Editor({ conduct }: { conduct: Conduct | null }) {
  const { t, moment } = useAdminWords()
  const cache = useQueryClient()
  const work = useWork(`conduct/${conduct?.id ?? 0}`, { title: conduct?.title ?? '', content: conduct?.content ?? '' }, async (form) => {
    await send('/api/v2/codes_of_conduct', null, form)
    await cache.invalidateQueries({ queryKey: ['admin', 'conduct'] })
    await cache.invalidateQueries({ queryKey: ['config', 'settings'] })
  })
  const { value } = work
  return (
    <>
      <p className="note note-warning narrow">{t('conduct.help')}</p>
      {conduct !== null && <p className="small soft">{t('conduct.since', { when: moment(conduct.created_on), who: conduct.created_by })}</p>}
      <WorkFrame work={work} labelOf={(pointer) => t(pointer === '/title' ? 'conduct.name' : 'conduct.content')}>
        <section className="card stack">
          <Line label={t('conduct.name')} pointer="/title" wanted value={value.title} onChange={(title) => work.set({ ...value, title }, 'title')} />
          <Line label={t('conduct.content')} pointer="/content" wanted rows={14} value={value.content} onChange={(content) => work.set({ ...value, content }, 'content')} />
        </section>
      </WorkFrame>
    </>
  )
}
