import { Link } from '@tanstack/react-router'
import { PageTitle } from '~/app/PageTitle'
import { useWords } from '~/i18n'
import { useDraft } from '~/device/useDraft'
import { codeOf } from '~/records/kinds'
import { labelOf } from '~/records/options'
import { inLanguage } from '~/records/catalog'
import { useCatalog } from '~/records/useCatalog'
import { useSession } from '~/session/session'
import { Icon } from '~/ui/Icon'
import { openFlags } from '~/flags/count'
import { useActs, useUnsent } from '~/outbox/useOutbox'
import { recordTitle, useRecord } from './record-context'

/** Who this is, whose it is, and where it stands. */
export function RecordHead({ editSection }: { editSection?: string }) {
  const { t, language, moment } = useWords()
  const { may } = useSession()
  const open = useRecord()
  const { kind, values } = open
  const catalog = useCatalog()
  const word = (name: string) => {
    const field = catalog.field(kind.type, name)
    const value = values[name]
    return field === undefined || value == null ? '' : labelOf(catalog, field, String(value), language)
  }
  const code = codeOf(kind, values)
  const title = recordTitle(open, catalog, language)
  const age = typeof values.age === 'number' ? t('case.years', { count: values.age }) + (values.estimated === true ? ` (${t('case.estimated')})` : '') : ''
  const facts = [age, word('sex'), word('risk_level') && `${t('column.risk')}: ${word('risk_level')}`].filter((one) => one !== '')
  const firstWritable = open.sections.find((section) => section.writable)?.form.unique_id
  const target = editSection ?? firstWritable
  return (
    <header className="case-head stack-tight">
      <PageTitle title={<bdi>{title}</bdi>}>
        <div className="case-acts no-print">
          <Menu />
          {target !== undefined && may(kind.place, 'write') && (
            <Link to="/$place/$id/edit/$section" params={{ place: kind.place, id: open.id, section: target }} className="button button-main"><Icon name="edit" /> {t('case.edit')}</Link>
          )}
        </div>
      </PageTitle>
      <p className="row small">
        {title !== code && <span className="number soft">{code}</span>}
        {facts.map((fact) => <span key={fact}>{fact}</span>)}
        {values.owned_by != null && <span className="soft">{t('case.owner')}: <bdi>{String(values.owned_by)}</bdi></span>}
        {values.record_state === false && <span className="mark mark-danger">{t('case.disabled')}</span>}
        <FlagMark />
        <WorkState />
      </p>
      {open.fromDevice && open.at !== '' && <p className="note note-warning small">{t('case.from_device', { at: moment(open.at) })}</p>}
      <Steps />
    </header>
  )
}

/** Whether something of this case waits on this device. */
function WorkState() {
  const { t } = useWords()
  const { id } = useRecord()
  const unsent = useUnsent(id)
  const draft = useDraft(id)
  if (unsent !== null) return <Link to="/outbox" className="mark mark-warning">{t(`work.${unsent}`)}</Link>
  return draft === null ? null : <span className="mark mark-warning">{t('work.draft')}</span>
}

/** Open flags, and the way to them. */
function FlagMark() {
  const { t } = useWords()
  const { kind, id, values } = useRecord()
  const count = openFlags(values.flag_count, useActs(id))
  if (count <= 0) return null
  return <Link to="/$place/$id" params={{ place: kind.place, id }} hash="flags" className="mark mark-accent">{t('case.flags', { count })}</Link>
}

function Menu() {
  const { t } = useWords()
  const { may } = useSession()
  const { kind, id } = useRecord()
  return (
    <nav className="row no-print" aria-label={t('case.more')}>
      {may(kind.place, 'change_log') && <Link to="/$place/$id/history" params={{ place: kind.place, id }} className="button button-plain">{t('case.history')}</Link>}
      {may(kind.place, 'access_log') && <Link to="/$place/$id/access" params={{ place: kind.place, id }} className="button button-plain">{t('case.access')}</Link>}
      <button type="button" className="button button-plain button-short" onClick={() => print()}><Icon name="print" /> <span>{t('case.print')}</span></button>
    </nav>
  )
}

/** The workflow as a line of steps; the one reached is named for screen readers too. */
function Steps() {
  const { t, language } = useWords()
  const catalog = useCatalog()
  const { kind, values } = useRecord()
  const filter = catalog.user.filters?.[kind.place]?.find((one) => one.field_name === 'workflow')
  const byModule = filter?.options
  const steps = byModule == null || Array.isArray(byModule) ? [] : (byModule[String(values.module_id)] ?? [])
  const shown = steps.filter((step) => step.id !== 'reopened' || values.workflow === 'reopened')
  if (shown.length === 0 || values.workflow == null) return null
  const at = shown.findIndex((step) => step.id === values.workflow)
  return (
    <ol className="steps" aria-label={t('case.workflow')}>
      {shown.map((step, index) => (
        <li key={step.id} className={index < at ? 'step step-done' : index === at ? 'step step-now' : 'step'} aria-current={index === at ? 'step' : undefined}>
          <span>{inLanguage(step.display_text, language)}</span>
        </li>
      ))}
    </ol>
  )
}
