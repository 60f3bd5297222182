import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { PageTitle } from '~/app/PageTitle'
import { inLanguage } from '~/records/catalog'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { Icon } from '~/ui/Icon'
import { Skeleton } from '~/ui/Skeleton'
import { useAdminWords } from '../words'
import { placesQuery } from './queries'
import { type Branch, branches } from './tree'

const SHOWN = 300

/** Places as a tree; a search looks through all of them. */
export default function LocationsPage() {
  const { t, language } = useAdminWords()
  const { may } = useSession()
  const places = useQuery(placesQuery)
  const [typed, setTyped] = useState('')
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const shown = useMemo(() => branches(places.data ?? [], open, typed, (one) => inLanguage(one.placename, language)), [places.data, open, typed, language])
  const toggle = (code: string) => {
    const next = new Set(open)
    if (!next.delete(code)) next.add(code)
    setOpen(next)
  }
  return (
    <div className="page">
      <PageTitle title={t('locations.title')}>
        {may('metadata', 'manage') && <Link to="/settings/locations/import" className="button">{t('locations.import')}</Link>}
        {may('metadata', 'manage') && <Link to="/settings/locations/$id" params={{ id: 'new' }} className="button button-main"><Icon name="add" /> {t('locations.new')}</Link>}
      </PageTitle>
      <input className="input narrow" type="search" dir="auto" autoComplete="off" aria-label={t('locations.search')} placeholder={t('locations.search')} value={typed} onChange={(event) => setTyped(event.target.value)} />
      <p className="small soft" role="status">{places.data !== undefined && t('locations.total', { count: typed.trim() === '' ? places.data.length : shown.length })}</p>
      {places.error !== null && <Failure error={places.error} retry={() => void places.refetch()} />}
      {places.isPending && <Skeleton lines={8} height={40} />}
      {shown.length > 0 && <ul className="card narrow">{shown.slice(0, SHOWN).map((one) => <Row key={one.place.code} branch={one} open={open.has(one.place.code)} searching={typed.trim() !== ''} onToggle={() => toggle(one.place.code)} />)}</ul>}
      {shown.length > SHOWN && <p className="small soft">{t('choose.more', { count: shown.length - SHOWN })}</p>}
      {places.data !== undefined && shown.length === 0 && <p className="empty card">{t('choose.nothing')}</p>}
    </div>
  )
}

function Row({ branch: { place, depth, below }, open, searching, onToggle }: { branch: Branch; open: boolean; searching: boolean; onToggle: () => void }) {
  const { t, language } = useAdminWords()
  const name = inLanguage(place.placename, language)
  const above = inLanguage(place.name, language).split('::').slice(0, -1).join(' › ')
  return (
    <li className="place-row" style={{ '--depth': depth } as React.CSSProperties}>
      {!searching && (below > 0 ? <button type="button" className="place-open" aria-expanded={open} aria-label={name} onClick={onToggle}><span className={open ? '' : 'folded'}><Icon name="down" /></span></button> : <span className="place-open" aria-hidden="true" />)}
      <span className="grow"><Link to="/settings/locations/$id" params={{ id: String(place.id) }} className="line-link"><bdi>{name}</bdi></Link>{searching && above !== '' && <span className="small soft"> <bdi>{above}</bdi></span>}</span>
      {place.disabled && <span className="mark mark-danger">{t('users.disabled')}</span>}
      <span className="small soft"><bdi>{place.type}</bdi> <span dir="ltr">{place.code}</span></span>
    </li>
  )
}
