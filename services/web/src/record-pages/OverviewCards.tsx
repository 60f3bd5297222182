import { useWords } from '~/i18n'
import { labelOf } from '~/records/options'
import { today } from '~/records/moments'
import { useCatalog } from '~/records/useCatalog'
import type { Entry } from '~/records/values'
import { type CaseDue, dueOf, eventsOf } from './course'
import { useRecord } from './record-context'

/** What comes next, the overdue first. */
export function DueCard() {
  const { t, date } = useWords()
  const { values } = useRecord()
  const due = dueOf(values)
  return (
    <section className="card" aria-labelledby="due">
      <h2 id="due">{t('case.due')}</h2>
      {due.length === 0 && <p className="soft">{t('case.nothing_due')}</p>}
      <ul className="stack-tight">
        {due.map((one) => (
          <li key={`${one.kind}${one.on}${one.detail}`} className="row">
            <span className="grow">{t(`due.${one.kind}`)} <Detail due={one} /></span>
            <span className={one.on < today() ? 'mark mark-danger' : 'mark'}>{date(one.on)}{one.on < today() && ` · ${t('case.overdue')}`}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Detail({ due }: { due: CaseDue }) {
  const { language } = useWords()
  const catalog = useCatalog()
  const field = due.field === null ? undefined : subformField(catalog, due.field)
  if (due.detail === '') return null
  return <span className="soft">{field === undefined ? due.detail : labelOf(catalog, field, due.detail, language)}</span>
}

/** A field of a subform by `subform/field`. */
function subformField(catalog: ReturnType<typeof useCatalog>, path: string) {
  const [form, name] = path.split('/')
  return catalog.forms.find((one) => one.unique_id === form)?.fields.find((field) => field.name === name)
}

/** Services, follow-ups and notes as they happened, newest first. */
export function TimelineCard() {
  const words = useWords()
  const { values } = useRecord()
  const events = eventsOf(values).slice(0, 6)
  if (events.length === 0) return null
  return (
    <section className="card" aria-labelledby="course">
      <h2 id="course">{words.t('case.course')}</h2>
      <ol className="timeline">
        {events.map(({ kind, on, entry, title }) => (
          <li key={`${kind}${entry.unique_id ?? on}`}>
            <p className="small soft">{words.date(on)} · {words.t(`course.${kind}`)}</p>
            <p><Title path={title} entry={entry} /></p>
          </li>
        ))}
      </ol>
    </section>
  )
}

function Title({ path, entry }: { path: string; entry: Entry }) {
  const { language } = useWords()
  const catalog = useCatalog()
  const name = path.split('/')[1] ?? ''
  const field = subformField(catalog, path)
  const value = entry[name]
  if (value == null) return null
  return <bdi>{field === undefined ? String(value) : labelOf(catalog, field, String(value), language)}</bdi>
}
