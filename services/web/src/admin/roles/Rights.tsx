import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { permissionsQuery } from '../api'
import { useFaultAt } from '../fields'
import { useAdminWords } from '../words'
import { resourceName, rightName } from './names'

interface Props {
  value: Record<string, string[]>
  before: Record<string, string[]>
  onChange: (value: Record<string, string[]>) => void
}

/** Rights of ours that the list of the server, which other clients read, leaves out. */
const BEYOND: Record<string, string[]> = { case: ['merge'], erasure: ['request', 'approve'] }

/** What a role may do, by what it is done to; found by typing. */
export function Rights({ value, before, onChange }: Props) {
  const words = useAdminWords()
  const { t } = words
  const permissions = useQuery(permissionsQuery)
  const fault = useFaultAt('/permissions')
  const [typed, setTyped] = useState('')
  const [onlyHeld, setOnlyHeld] = useState(false)
  const listed = permissions.data?.resource_actions ?? {}
  const known = Object.fromEntries([...new Set([...Object.keys(listed), ...(permissions.data === undefined ? [] : Object.keys(BEYOND))])].map((one) => [one, [...(listed[one] ?? []), ...(BEYOND[one] ?? [])]]))
  const resources = [...Object.keys(known), ...Object.keys(value).filter((one) => !(one in known))]
  const wanted = typed.trim().toLowerCase()
  const fits = (resource: string, action: string) => wanted === '' || `${rightName(words, action)} ${action.replaceAll('_', ' ')} ${resourceName(words, resource)} ${resource}`.toLowerCase().includes(wanted)
  return (
    <section className="card stack" aria-labelledby="rights" data-pointer="/permissions">
      <h2 id="rights">{t('roles.rights')}</h2>
      {fault !== null && <p className="fault">{fault}</p>}
      <div className="option-head">
        <input className="input grow" type="search" dir="auto" autoComplete="off" aria-label={t('roles.find_right')} placeholder={t('roles.find_right')} value={typed} onChange={(event) => setTyped(event.target.value)} />
        <label className="choice"><input type="checkbox" checked={onlyHeld} onChange={(event) => setOnlyHeld(event.target.checked)} /> {t('roles.only_held')}</label>
      </div>
      <div className="entries">
        {resources.map((resource) => {
          const held = value[resource] ?? []
          const all = [...new Set([...(known[resource] ?? []), ...held])]
          const shown = all.filter((action) => fits(resource, action) && (!onlyHeld || held.includes(action)))
          if (shown.length === 0) return null
          return <Resource key={resource} resource={resource} all={all} shown={shown} held={held} had={before[resource] ?? []} open={wanted !== ''} onChange={(actions) => onChange({ ...value, [resource]: actions })} />
        })}
      </div>
    </section>
  )
}

interface ResourceProps {
  resource: string
  all: string[]
  shown: string[]
  held: string[]
  had: string[]
  open: boolean
  onChange: (actions: string[]) => void
}

function Resource({ resource, all, shown, held, had, open, onChange }: ResourceProps) {
  const words = useAdminWords()
  const { t } = words
  const [opened, setOpened] = useState(false)
  const isOpen = open || opened
  const differs = held.length !== had.length || held.some((one) => !had.includes(one))
  const toggle = (action: string, on: boolean) => onChange(on ? all.filter((one) => one === action || held.includes(one)) : held.filter((one) => one !== action))
  return (
    <div className="entry">
      <button type="button" className="entry-head entry-toggle" aria-expanded={isOpen} onClick={() => setOpened(!isOpen)}>
        <span className="grow">{resourceName(words, resource)}</span>
        {differs && <span className="mark mark-warning">{t('admin.changed')}</span>}
        <span className="small soft">{t('roles.of', { count: held.length, all: all.length })}</span>
      </button>
      {isOpen && (
        <div className="entry-body">
          <div className="ticks" role="group" aria-label={resourceName(words, resource)}>
            {shown.map((action) => (
              <label key={action} className="choice">
                <input type="checkbox" role="switch" checked={held.includes(action)} onChange={(event) => toggle(action, event.target.checked)} />
                <span>{rightName(words, action)}{held.includes(action) !== had.includes(action) && <span className="small soft"> · {t(held.includes(action) ? 'roles.granted' : 'roles.taken')}</span>}</span>
              </label>
            ))}
          </div>
          <p className="row">
            <button type="button" className="button" onClick={() => onChange([...new Set([...held, ...shown])])}>{t('roles.all_on')}</button>
            <button type="button" className="button" onClick={() => onChange(held.filter((one) => !shown.includes(one)))}>{t('roles.all_off')}</button>
          </p>
        </div>
      )}
    </div>
  )
}
