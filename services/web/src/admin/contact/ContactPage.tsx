import { useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from '~/api/client'
import { PageTitle } from '~/app/PageTitle'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { changed, look, unlessChanged } from '../api'
import { Line } from '../fields'
import { useWork } from '../useWork'
import { WorkFrame } from '../WorkFrame'
import { type AdminKey, useAdminWords } from '../words'

const PATH = '/api/v2/contact_information'
const PARTS = ['name', 'organization', 'position', 'phone', 'email', 'location', 'support_forum', 'other_information'] as const
type Contact = Record<(typeof PARTS)[number], string>

const LABELS: Record<(typeof PARTS)[number], AdminKey> = {
  name: 'roles.name', organization: 'contact.organization', position: 'users.position', phone: 'users.phone', email: 'users.email',
  location: 'users.location', support_forum: 'contact.forum', other_information: 'contact.other',
}

const formOf = (contact: Partial<Contact>): Contact => Object.fromEntries(PARTS.map((part) => [part, contact[part] ?? ''])) as Contact
const read = async (signal?: AbortSignal) => formOf((await call<Partial<Contact>>(PATH, signal === undefined ? {} : { signal })).data)

/** Whom people ask when they need help; everybody sees it in their account. */
export default function ContactPage() {
  const { t } = useAdminWords()
  const contact = useQuery({ queryKey: ['admin', 'contact'], queryFn: ({ signal }) => read(signal) })
  return (
    <div className="page">
      <PageTitle title={t('contact.title')} />
      {contact.error !== null && <Failure error={contact.error} retry={() => void contact.refetch()} />}
      {contact.isPending && <Skeleton lines={6} height={40} />}
      {contact.data !== undefined && <Editor contact={contact.data} />}
    </div>
  )
}

function Editor({ contact }: { contact: Contact }) {
  const { t } = useAdminWords()
  const cache = useQueryClient()
  const work = useWork('contact', contact, async (form, before) => {
    await call(PATH, { method: 'PATCH', body: { data: changed(before, form) }, commandId: crypto.randomUUID(), ...unlessChanged(PATH) })
    await cache.invalidateQueries({ queryKey: ['contact'] })
  }, async () => formOf(await look<Partial<Contact>>(PATH)))
  const labelOf = (pointer: string) => t(LABELS[(pointer.split('/')[1] ?? '') as keyof Contact] ?? 'contact.title')
  return (
    <>
      <p className="soft narrow">{t('contact.help')}</p>
      <WorkFrame work={work} labelOf={labelOf}>
        <section className="card stack">
          {PARTS.map((part) => (
            <Line
              key={part}
              label={t(LABELS[part])}
              pointer={`/${part}`}
              {...(part === 'email' ? { type: 'email' as const } : part === 'phone' ? { type: 'tel' as const } : part === 'other_information' ? { rows: 4 } : {})}
              value={work.value[part]}
              onChange={(text) => work.set({ ...work.value, [part]: text }, part)}
            />
          ))}
        </section>
      </WorkFrame>
    </>
  )
}
