import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useEffect, useMemo, useState } from 'react'
import { PageTitle } from '~/app/PageTitle'
import { useWords } from '~/i18n'
import { saveDraft } from '~/outbox/work'
import { FieldInput } from '~/records/FieldInput'
import { Editing } from '~/records/editing'
import { type Kind, KINDS } from '~/records/kinds'
import type { Values } from '~/records/patch'
import { useCatalog } from '~/records/useCatalog'
import { useKind } from '~/records/useKind'
import { useDelayed } from '~/ui/useDelayed'
import { SimilarList } from './SimilarList'
import { begin, modulesFor } from './begin'
import { type Similar, findSimilar } from './similar'
import '~/lists/list.css'
import './record.css'

const PAUSE = 300

/** First a look whether it is known already; then the form, with what was typed already in it. */
export default function NewRecordPage() {
  const { t } = useWords()
  const kind = useKind()
  const catalog = useCatalog()
  const navigate = useNavigate()
  const modules = modulesFor(catalog, kind)
  const [module, setModule] = useState(modules[0]?.unique_id ?? '')
  const [name, setName] = useState('')
  const [starting, setStarting] = useState(false)
  const about = useAbout(kind)
  const asked = useDelayed(name.trim(), PAUSE)
  const typed: Values = { ...(kind.begin?.(asked) ?? {}), ...about.values }
  const found = useSimilar(kind, asked, typed)
  const candidates = found.data?.candidates ?? []

  const start = async (event: FormEvent) => {
    event.preventDefault()
    const begun = begin(catalog, kind, module, { ...(kind.begin?.(name.trim()) ?? {}), ...about.values })
    if (begun === null) return
    // What is typed from here on belongs on the next page.
    setStarting(true)
    try {
      await saveDraft(begun.draft)
      await navigate({ to: '/$place/$id/edit/$section', params: { place: kind.place, id: begun.draft.id, section: begun.section }, replace: true })
    } finally {
      setStarting(false)
    }
  }
  return (
    <div className="page">
      <PageTitle title={t(`new.title.${kind.type}`)} />
      <form className="stack narrow" noValidate onSubmit={(event) => void start(event)}>
        <fieldset className="stack plain" disabled={starting}>
          {modules.length > 1 && (
            <label className="field">
              <span className="label">{t('filter.module')}</span>
              <select className="input" value={module} onChange={(event) => setModule(event.target.value)}>
                {modules.map((one) => <option key={one.unique_id} value={one.unique_id}>{one.name}</option>)}
              </select>
            </label>
          )}
          {kind.begin !== null && (
            <label className="field">
              <span className="label">{t(`new.name.${kind.type}`)}</span>
              <input className="input" dir="auto" autoComplete="off" autoFocus value={name} onChange={(event) => setName(event.target.value)} />
              <span className="help">{t('new.help')}</span>
            </label>
          )}
          {about.fields.map((field) => <FieldInput key={field.name} field={field} editing={about.editing} prefix="new" />)}
          <div><button className="button button-main">{t(candidates.length > 0 ? 'new.none_of_these' : 'new.begin')}</button></div>
        </fieldset>
      </form>
      {(found.error !== null || found.data?.onlyDevice === true) && <p className="note note-warning small">{t(found.error !== null ? 'new.unchecked' : 'new.only_device')}</p>}
      <p className="small soft" role="status">{asked.length >= 2 && found.data !== undefined && t('new.found', { count: candidates.length })}</p>
      {candidates.length > 0 && <SimilarList kind={kind} candidates={candidates} typed={typed} dimmed={found.isPlaceholderData} />}
      <p><Link to="/$place" params={{ place: kind.place }} search={kind.start}>{t(`nav.${kind.type}`)}</Link></p>
    </div>
  )
}

/** What tells two children of one name apart, and is asked for anyway. */
const ABOUT = ['age', 'sex']

function useAbout(kind: Kind) {
  const catalog = useCatalog()
  const fields = useMemo(() => (kind === KINDS.case ? ABOUT.flatMap((name) => catalog.field(kind.type, name) ?? []) : []), [kind, catalog])
  const editing = useMemo(() => new Editing({}, fields), [fields])
  const [values, setValues] = useState<Values>({})
  useEffect(() => editing.listenAll(() => setValues(Object.fromEntries(Object.entries(editing.values).filter(([, value]) => value !== null)))), [editing])
  return { fields, editing, values }
}

function useSimilar(kind: Kind, asked: string, typed: Values) {
  const wanted = kind.begin !== null && asked.length >= 2
  const found = useQuery<Similar>({
    queryKey: ['list', kind.place, 'similar', typed],
    enabled: wanted,
    // What was begun here a moment ago counts too.
    staleTime: 0,
    placeholderData: (previous: Similar | undefined) => previous,
    queryFn: ({ signal }) => findSimilar(kind, asked, typed, signal),
  })
  return { ...found, data: wanted ? found.data : undefined }
}
