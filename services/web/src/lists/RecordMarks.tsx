import { useWords } from '~/i18n'
import { useUnsent } from '~/outbox/useOutbox'
import { labelOf } from '~/records/options'
import { today } from '~/records/moments'
import { useCatalog } from '~/records/useCatalog'
import type { ListRow } from './queries'

/** What needs a look: the step, dates that have passed, flags, alerts, work that was not sent. */
export function RecordMarks({ row }: { row: ListRow }) {
  const { t, language } = useWords()
  const catalog = useCatalog()
  const unsent = useUnsent(row.id)
  const workflow = catalog.lookup('lookup-workflow')
  const step = workflow?.values.find((value) => value.id === row.workflow)
  const stepName = step === undefined ? null : labelOf(catalog, STEP, step.id, language)
  const due = nextDue(row)
  return (
    <span className="row-marks">
      {unsent !== null && <span className="mark mark-warning">{t(`work.${unsent}`)}</span>}
      {due !== null && <span className="mark mark-danger">{t('case.overdue')}</span>}
      {Number(row.flag_count ?? 0) > 0 && <span className="mark mark-accent">{t('case.flags', { count: Number(row.flag_count) })}</span>}
      {Number(row.alert_count ?? 0) > 0 && <span className="mark mark-accent">{t('case.alerts', { count: Number(row.alert_count) })}</span>}
      {stepName !== null && <span className="mark">{stepName}</span>}
    </span>
  )
}

const STEP = { id: 0, name: 'workflow', type: 'select_box', option_strings_source: 'lookup lookup-workflow' }

/** A date that has passed while its step was not reached. */
function nextDue(row: ListRow): string | null {
  if (row.status !== 'open') return null
  const dates = [
    row.workflow === 'new' ? row.assessment_due_date : null,
    row.workflow === 'assessment' ? row.case_plan_due_date : null,
  ]
  const passed = dates.filter((date): date is string => typeof date === 'string' && date < today())
  return passed[0] ?? null
}
