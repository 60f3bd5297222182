import { useNavigate, useParams } from '@tanstack/react-router'
import { useEffect, useMemo, useState } from 'react'
import { PageTitle } from '~/app/PageTitle'
import { useWords } from '~/i18n'
import { inLanguage } from '~/records/catalog'
import { FieldInput } from '~/records/FieldInput'
import { useCatalog } from '~/records/useCatalog'
import { SectionNav } from './SectionNav'
import { SaveBar } from './SaveBar'
import { recordTitle, useRecord } from './record-context'
import { useRecordEditing } from './useRecordEditing'

/** One section at a time is written; what is typed is on the device at once. */
export default function EditPage() {
  const { t, language } = useWords()
  const { section: wanted } = useParams({ from: '/records/$place/$id/edit/$section' })
  const open = useRecord()
  const catalog = useCatalog()
  const navigate = useNavigate()
  const work = useRecordEditing(open)
  const section = open.sections.find((one) => one.form.unique_id === wanted)
  const faults = useFaultySections(work)
  const name = open.isNew ? t(`new.title.${open.kind.type}`) : recordTitle(open, catalog, language)

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key !== 's') return
      event.preventDefault()
      void work.save()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [work])

  useEffect(() => {
    if (work.done) void navigate({ to: '/$place/$id/section/$section', params: { place: open.kind.place, id: open.id, section: wanted }, replace: true })
  }, [work.done, navigate, open.kind, open.id, wanted])

  return (
    <div className="page">
      <PageTitle title={<bdi>{name}</bdi>} of={`edit/${open.id}`} />
      <div className="case-layout case-layout-sided">
        <SectionNav section={wanted} mode="edit" faults={faults} />
        {section === undefined || !section.writable ? (
          <p className="note">{t('case.no_section')}</p>
        ) : (
          <form className="form" noValidate onSubmit={(event) => { event.preventDefault(); void work.save() }}>
            <h2>{inLanguage(section.form.name, language)}</h2>
            {section.fields.map((field) => <FieldInput key={`${wanted}/${field.name}`} field={field} editing={work.editing} prefix={wanted} />)}
            <SaveBar work={work} id={open.id} section={wanted} />
          </form>
        )}
      </div>
    </div>
  )
}

/** Sections with fields that the server refused. */
function useFaultySections(work: ReturnType<typeof useRecordEditing>): ReadonlySet<string> {
  const { sections } = useRecord()
  const [count, setCount] = useState(0)
  useEffect(() => work.editing.listenAll(() => setCount(work.editing.faults.length)), [work.editing])
  return useMemo(() => {
    const fields = new Set(work.editing.faults.map((fault) => fault.pointer.split('/')[1]))
    const faulty = sections.filter((section) => section.fields.some((field) => fields.has(field.name)))
    return new Set(count === 0 ? [] : faulty.map((section) => section.form.unique_id))
  }, [count, sections, work.editing])
}
