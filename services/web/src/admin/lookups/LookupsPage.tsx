import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { lookupsQuery } from '~/api/queries'
import type { Lookup } from '~/api/schemas'
import { PageTitle } from '~/app/PageTitle'
import { inLanguage } from '~/records/catalog'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { Icon } from '~/ui/Icon'
import { Skeleton } from '~/ui/Skeleton'
import { useAdminWords } from '../words'

/** Option lists, found by their name or by an option. */
export default function LookupsPage() {
  const { t, language } = useAdminWords()
  const { may } = useSession()
  const lookups = useQuery(lookupsQuery)
  const [typed, setTyped] = useState('')
  const wanted = typed.trim().toLowerCase()
  const shown = (lookups.data ?? []).filter((one) => wanted === '' || says(one, wanted))
  return (
    <div className="page">
      <PageTitle title={t('lookups.title')}>
        {may('metadata', 'manage') && <Link to="/settings/lookups/$id" params={{ id: 'new' }} className="button button-main"><Icon name="add" /> {t('lookups.new')}</Link>}
      </PageTitle>
      <input className="input narrow" type="search" dir="auto" autoComplete="off" aria-label={t('lookups.search')} placeholder={t('lookups.search')} value={typed} onChange={(event) => setTyped(event.target.value)} />
      {lookups.error !== null && <Failure error={lookups.error} retry={() => void lookups.refetch()} />}
      {lookups.isPending && <Skeleton lines={8} height={40} />}
      <p className="small soft" role="status">{lookups.data !== undefined && t('lookups.total', { count: shown.length })}</p>
      <div className="table-frame" tabIndex={0} role="region" aria-label={t('lookups.title')}>
        <table className="table">
          <thead><tr><th>{t('roles.name')}</th><th>{t('lookups.key')}</th><th>{t('lookups.options')}</th></tr></thead>
          <tbody>
            {shown.map((one) => (
              <tr key={one.unique_id}>
                <td><Link to="/settings/lookups/$id" params={{ id: String(one.id) }}><bdi>{inLanguage(one.name, language)}</bdi></Link> {one.locked === true && <span className="mark">{t('lookups.locked')}</span>}</td>
                <td className="small" dir="ltr">{one.unique_id}</td>
                <td className="small">{one.values.slice(0, 5).map((value) => inLanguage(value.display_text, language) || value.id).join(' · ')}{one.values.length > 5 && ' …'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {lookups.data !== undefined && shown.length === 0 && <p className="empty card">{t('choose.nothing')}</p>}
    </div>
  )
}

const says = (lookup: Lookup, wanted: string) =>
  [lookup.unique_id, ...Object.values(lookup.name), ...lookup.values.flatMap((value) => [value.id, ...(typeof value.display_text === 'object' ? Object.values(value.display_text ?? {}) : [])])].some((text) => text.toLowerCase().includes(wanted))
