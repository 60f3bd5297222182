import { useQuery } from '@tanstack/react-query'
import { call } from '~/api/client'
import { keptOnDevice } from '~/device/kept'
import { useWords } from '~/i18n'

type Contact = Partial<Record<'name' | 'organization' | 'position' | 'phone' | 'email' | 'location' | 'support_forum' | 'other_information', string | null>>

/** Whom to ask for help; also without a network. */
export function ContactCard() {
  const { t } = useWords()
  const contact = useQuery({
    queryKey: ['contact'],
    queryFn: ({ signal }) => keptOnDevice('contact', async () => (await call<Contact>('/api/v2/contact_information', { signal })).data),
  }).data
  if (contact === undefined) return null
  const lines = [contact.organization, contact.position, contact.location, contact.other_information].filter((one) => one != null && one !== '')
  if (lines.length === 0 && !contact.phone && !contact.email && !contact.name) return null
  return (
    <section className="card stack-tight narrow" aria-labelledby="contact">
      <h2 id="contact">{t('contact.title')}</h2>
      {contact.name && <p><strong><bdi>{contact.name}</bdi></strong></p>}
      {lines.map((line) => <p key={line} className="small"><bdi>{line}</bdi></p>)}
      <p className="row">
        {contact.phone && <a className="button" dir="ltr" href={`tel:${contact.phone.replace(/[^\d+]/g, '')}`}>{contact.phone}</a>}
        {contact.email && <a className="button" dir="ltr" href={`mailto:${contact.email}`}>{contact.email}</a>}
      </p>
    </section>
  )
}
