import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useWords } from '~/i18n'
import { inLanguage, sectionShows } from '~/records/catalog'
import { useCatalog } from '~/records/useCatalog'
import { Dialog } from '~/ui/Dialog'
import { Icon } from '~/ui/Icon'
import { useRecord } from './record-context'

interface Props {
  section: string
  mode: 'section' | 'edit'
  /** Sections with something that needs a look. */
  faults?: ReadonlySet<string>
}

/** The sections beside the page on a desk, and as a sheet on a phone. */
export function SectionNav({ section, mode, faults }: Props) {
  const { t, language } = useWords()
  const [open, setOpen] = useState(false)
  const { sections } = useRecord()
  const now = sections.find((one) => one.form.unique_id === section)
  return (
    <>
      <button type="button" className="button section-sheet-button no-print" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <Icon name="menu" /> {t('case.sections')}: {inLanguage(now?.form.name, language)}
      </button>
      {open && (
        <Dialog title={t('case.sections')} onClose={() => setOpen(false)}>
          <List section={section} mode={mode} faults={faults} onChoose={() => setOpen(false)} />
        </Dialog>
      )}
      <aside className="case-side no-print"><List section={section} mode={mode} faults={faults} /></aside>
    </>
  )
}

function List({ section, mode, faults, onChoose }: Omit<Props, 'faults'> & { faults: ReadonlySet<string> | undefined; onChoose?: () => void }) {
  const { t, language } = useWords()
  const catalog = useCatalog()
  const { kind, id, sections, values } = useRecord()
  const shown = sections.filter((one) => sectionShows(one.form, values) && (mode === 'section' || one.writable))
  const to = mode === 'section' ? '/$place/$id/section/$section' : '/$place/$id/edit/$section'
  return (
    <nav className="section-list" aria-label={t('case.sections')}>
      <Link to="/$place/$id" params={{ place: kind.place, id }} className="section-link" activeOptions={{ exact: true }} {...(onChoose && { onClick: onChoose })}>{t('case.overview')}</Link>
      {catalog.groups(shown).map((group) => (
        <div key={group.id}>
          <h3>{inLanguage(group.name, language)}</h3>
          {group.sections.map(({ form }) => (
            <Link key={form.unique_id} to={to} params={{ place: kind.place, id, section: form.unique_id }} className="section-link" aria-current={form.unique_id === section ? 'page' : undefined} replace={mode === 'edit'} {...(onChoose && { onClick: onChoose })}>
              {inLanguage(form.name, language)}
              {faults?.has(form.unique_id) === true && <span className="mark mark-danger">{t('record.look')}</span>}
            </Link>
          ))}
        </div>
      ))}
    </nav>
  )
}
