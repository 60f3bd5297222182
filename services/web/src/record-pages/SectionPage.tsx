import { useParams } from '@tanstack/react-router'
import { useWords } from '~/i18n'
import { inLanguage } from '~/records/catalog'
import { Facts } from '~/records/Facts'
import { RecordHead } from './RecordHead'
import { SectionNav } from './SectionNav'
import { useRecord } from './record-context'

/** One section of a record, to be read with its empty fields. */
export default function SectionPage() {
  const { t, language } = useWords()
  const { section: wanted } = useParams({ from: '/records/$place/$id/section/$section' })
  const open = useRecord()
  const section = open.sections.find((one) => one.form.unique_id === wanted)
  return (
    <article className="page">
      <RecordHead {...(section?.writable === true ? { editSection: wanted } : {})} />
      <div className="case-layout case-layout-sided">
        <SectionNav section={wanted} mode="section" />
        {section === undefined ? (
          <p className="note">{t('case.no_section')}</p>
        ) : (
          <section className="card stack-tight" aria-labelledby="section">
            <h2 id="section">{inLanguage(section.form.name, language)}</h2>
            {section.form.display_help_text_view === true && <p className="soft">{inLanguage(section.form.help_text, language)}</p>}
            <Facts fields={section.fields} data={open.values} showEmpty />
          </section>
        )}
      </div>
    </article>
  )
}
