import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useWords } from '~/i18n'
import { useActs } from '~/outbox/useOutbox'
import { handIn } from '~/record-pages/hand-in'
import { useRecord } from '~/record-pages/record-context'
import { inLanguage } from '~/records/catalog'
import { useCatalog } from '~/records/useCatalog'
import { useSession } from '~/session/session'
import { Failure } from '~/ui/Failure'
import { useToast } from '~/ui/Toasts'
import { type Alert, alertsQuery } from './queries'

/** What was done by others and asks for a look; whoever has looked takes it away. */
export function AlertsCard() {
  const { t } = useWords()
  const { kind, id, values, version } = useRecord()
  const list = useQuery({ ...alertsQuery(kind, id), enabled: version !== undefined })
  const taken = new Set(useActs(id).map(({ act }) => (act.is === 'dismiss' ? act.alert : '')))
  const alerts = (list.data ?? []).filter((one) => !taken.has(one.unique_id))
  if (list.data !== undefined && alerts.length === 0) return null
  return (
    <section className="card stack-tight" aria-labelledby="alerts">
      <h2 id="alerts">{t('alerts.title')}</h2>
      {list.data === undefined && <p className="soft">{t('case.alerts', { count: Number(values.alert_count) })}</p>}
      {list.error !== null && list.data === undefined && <Failure error={list.error} retry={() => void list.refetch()} />}
      <ul className="lines">{alerts.map((alert) => <li key={alert.unique_id} className="relative"><Line alert={alert} /></li>)}</ul>
    </section>
  )
}

function Line({ alert }: { alert: Alert }) {
  const { t, date } = useWords()
  const { may } = useSession()
  const open = useRecord()
  const say = useToast()
  const said = useSaid(alert)
  const section = open.sections.find((one) => one.form.unique_id === alert.form_unique_id)?.form.unique_id
  const take = async () => {
    const act = { is: 'dismiss', alert: alert.unique_id } as const
    const { outcome } = await handIn({ id: `${open.id}/dismiss/${alert.unique_id}`, of: open.id, act, type: open.kind.type, module: null, base: open.version, patch: {}, isNew: false, savedAt: '' })
    if (outcome?.is !== 'sent') say(t(outcome?.is === 'refused' ? 'outbox.refused' : 'outbox.waiting'))
  }
  return (
    <>
      <span className="grow">
        {section === undefined ? said : <Link to="/$place/$id/section/$section" params={{ place: open.kind.place, id: open.id, section }}>{said}</Link>}
        {' '}<span className="small soft nowrap">{date(alert.date)}</span>
      </span>
      {may(open.kind.place, 'remove_alert') && <button type="button" className="button no-print" onClick={() => void take()}>{t('alerts.seen')}<span className="only-read">: {said}</span></button>}
    </>
  )
}

function useSaid({ alert_for: reason, form_unique_id: form }: Alert): string {
  const { t, language } = useWords()
  const catalog = useCatalog()
  if (reason === 'incident_from_case') return t('alerts.incident')
  const name = inLanguage(catalog.forms.find((one) => one.unique_id === form)?.name, language)
  return name === '' ? t('alerts.look') : t('alerts.form', { name })
}
