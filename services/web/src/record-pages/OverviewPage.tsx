import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Suspense, lazy, useState } from 'react'
import { useWords } from '~/i18n'
import { type Section, inLanguage, sectionShows } from '~/records/catalog'
import { Facts, isRead } from '~/records/Facts'
import { isBlank } from '~/records/values'
import { useSession } from '~/session/session'
import { RecordHead } from './RecordHead'
import { CARDS } from './cards'
import { useRecord } from './record-context'
import { conflictsQuery } from './queries'

/** Few records have a conflict: its inputs are loaded with the first one. */
const ConflictCard = lazy(async () => ({ default: (await import('~/merge/ConflictCard')).ConflictCard }))

/** The whole record on one page, to be read: what its type has beside its forms, then what is filled in. */
export default function OverviewPage() {
  const { t, language } = useWords()
  const { may } = useSession()
  const open = useRecord()
  const [showEmpty, setShowEmpty] = useState(false)
  const conflicts = useQuery({ ...conflictsQuery(open.kind, open.id), enabled: open.version !== undefined && may(open.kind.place, 'write') })
  const sections = administrativeLast(open.sections).filter(({ form, fields }) => {
    if (!sectionShows(form, open.values)) return false
    return showEmpty || fields.some((field) => isRead(field, open.values) && !isBlank(open.values[field.name]))
  })
  return (
    <article className="page">
      <RecordHead />
      <Suspense>{(conflicts.data ?? []).map((conflict) => <ConflictCard key={conflict.id} kind={open.kind} id={open.id} conflict={conflict} />)}</Suspense>
      <div className="cards">
        {CARDS[open.kind.type].map((Card, at) => <Suspense key={at}><Card /></Suspense>)}
      </div>
      <div className="row no-print">
        <label className="choice">
          <input type="checkbox" checked={showEmpty} onChange={(event) => setShowEmpty(event.target.checked)} />
          {t('case.show_empty')}
        </label>
      </div>
      {sections.map(({ form, fields, writable }) => (
        <section key={form.unique_id} className="card stack-tight" aria-labelledby={`s-${form.unique_id}`}>
          <div className="card-head">
            <h2 id={`s-${form.unique_id}`}>
              <Link to="/$place/$id/section/$section" params={{ place: open.kind.place, id: open.id, section: form.unique_id }}>{inLanguage(form.name, language)}</Link>
            </h2>
            {writable && may(open.kind.place, 'write') && (
              <Link to="/$place/$id/edit/$section" params={{ place: open.kind.place, id: open.id, section: form.unique_id }} className="button button-plain no-print">
                {t('case.edit')}<span className="only-read">: {inLanguage(form.name, language)}</span>
              </Link>
            )}
          </div>
          <Facts fields={fields} data={open.values} showEmpty={showEmpty} />
        </section>
      ))}
    </article>
  )
}

/** Who keeps the record stands in the head; the rest of it comes after what concerns the child. */
function administrativeLast(sections: Section[]): Section[] {
  const isAdministrative = (section: Section) => section.form.form_group_id === 'record_information'
  return [...sections.filter((section) => !isAdministrative(section)), ...sections.filter(isAdministrative)]
}
