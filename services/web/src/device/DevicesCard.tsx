import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '~/api/client'
import { Refused } from '~/api/problem'
import { useWords } from '~/i18n'
import { Ask } from '~/session/Ask'
import { isProofWanted, prove } from '~/session/proof'
import { Dialog } from '~/ui/Dialog'
import { Failure } from '~/ui/Failure'
import { useToast } from '~/ui/Toasts'

interface Device {
  id: string
  label: string
  registered_on: string
  last_seen_on: string
  state: 'active' | 'wipe_ordered' | 'wiped'
  this?: boolean
}

/** The devices on which somebody works, and the order to empty one that was lost. */
export function DevicesCard({ path, help }: { path: string; help: string }) {
  const { t } = useWords()
  const list = useQuery({ queryKey: ['devices', path], queryFn: async ({ signal }) => (await call<Device[]>(path, { signal })).data })
  const [lost, setLost] = useState<Device | null>(null)
  if (list.data === undefined) return list.error === null || isUnknown(list.error) ? null : <Failure error={list.error} retry={() => void list.refetch()} />
  return (
    <section className="card stack narrow" aria-labelledby="devices">
      <h2 id="devices">{t('devices.title')}</h2>
      <p className="soft">{help}</p>
      {list.data.length === 0 && <p>{t('devices.none')}</p>}
      <ul className="lines">
        {list.data.map((device) => <li key={device.id}><Line device={device} onLost={() => setLost(device)} /></li>)}
      </ul>
      {lost !== null && <Wipe device={lost} path={path} onClose={() => setLost(null)} />}
    </section>
  )
}

/** Older servers, and roles that may not see the devices of others. */
const isUnknown = (error: unknown) => error instanceof Refused && [403, 404].includes(error.status)

function Line({ device, onLost }: { device: Device; onLost: () => void }) {
  const { t, date } = useWords()
  return (
    <div className="row">
      <div className="grow">
        <p><strong><bdi>{device.label}</bdi></strong>{device.this === true && <span className="soft"> · {t('devices.this')}</span>}</p>
        <p className="small soft">{t('devices.seen', { at: date(device.last_seen_on) })}</p>
      </div>
      {device.state === 'active'
        ? <button type="button" className="button button-danger" onClick={onLost}>{t('devices.wipe')}<span className="only-read">: {device.label}</span></button>
        : <span className={device.state === 'wiped' ? 'mark' : 'mark mark-warning'}>{t(`devices.state.${device.state}`)}</span>}
    </div>
  )
}

/** What will happen, who asks for it, and the password of whoever does. */
function Wipe({ device, path, onClose }: { device: Device; path: string; onClose: () => void }) {
  const { t } = useWords()
  const cache = useQueryClient()
  const say = useToast()
  const [asked, setAsked] = useState(false)
  const [fault, setFault] = useState<unknown>(null)
  const [command] = useState(() => crypto.randomUUID())
  const run = async (work: () => Promise<unknown>) => {
    setFault(null)
    try {
      await work()
      await call(`${path}/${device.id}/wipe`, { method: 'POST', body: {}, commandId: command })
      say(t('devices.ordered'))
      await cache.invalidateQueries({ queryKey: ['devices'] })
      onClose()
    } catch (error) {
      if (isProofWanted(error)) setAsked(true)
      else setFault(error)
    }
  }
  return (
    <Dialog
      title={t('devices.wipe_title', { name: device.label })}
      onClose={onClose}
      foot={!asked && <>
        <button type="button" className="button" onClick={onClose}>{t('ui.cancel')}</button>
        <button type="button" className="button button-danger" onClick={() => void run(() => Promise.resolve())}>{t('devices.wipe')}</button>
      </>}
    >
      <p>{t('devices.wipe_help')}</p>
      {asked && <Ask label={t('session.password')} type="password" action={t('devices.wipe')} onGiven={(password) => run(() => prove(password))} />}
      {fault !== null && (fault instanceof Refused && fault.status < 500 ? <p className="note note-danger" role="alert">{t('devices.refused')}</p> : <Failure error={fault} />)}
    </Dialog>
  )
}
