import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { call } from '~/api/client'
import { PageTitle } from '~/app/PageTitle'
import { useWords } from '~/i18n'
import { saveDraft } from '~/outbox/work'
import { defaultsOf } from '~/records/editing'
import { useCatalog } from '~/records/useCatalog'
import { useSession } from '~/session/session'
import { CaseRows } from './CaseRows'
import { useHiddenNames } from './HideNames'
import { searchQuery } from './list-search'
import type { CaseRow } from './queries'
import './cases.css'
import './case.css'

const PAUSE = 300

/** First a look whether the child is known; then the form, with what was typed already in it. */
export default function NewCasePage() {
  const { t } = useWords()
  const { user } = useSession()
  const catalog = useCatalog()
  const navigate = useNavigate()
  const hidden = useHiddenNames()
  const frame = useRef<HTMLUListElement>(null)
  const [name, setName] = useState('')
  const asked = useDelayed(name.trim(), PAUSE)
  const found = useQuery<CaseRow[]>({
    queryKey: ['cases', 'duplicates', asked],
    enabled: asked.length >= 2,
    placeholderData: (previous: CaseRow[] | undefined) => previous,
    queryFn: async ({ signal }) =>
      (await call<CaseRow[]>('/api/v2/cases', { query: { ...searchQuery(asked, 'name'), per: 8 }, signal })).data,
  })
  const module = modulesOf(catalog.settings.modules ?? [], user.module_unique_ids)[0]

  const begin = async (event: FormEvent) => {
    event.preventDefault()
    if (module === undefined) return
    const sections = catalog.sections('case', module)
    const first = sections.find((section) => section.writable)
    if (first === undefined) return
    const id = crypto.randomUUID()
    const defaults = Object.assign({}, ...sections.filter((section) => section.writable).map((section) => defaultsOf(section.form))) as object
    const patch = { module_id: module, ...defaults, ...nameParts(name) }
    await saveDraft({ id, module, base: undefined, patch, isNew: true, savedAt: new Date().toISOString() })
    await navigate({ to: '/cases/$id/edit/$section', params: { id, section: first.form.unique_id }, replace: true })
  }

  const rows = asked.length >= 2 ? (found.data ?? []) : []
  return (
    <div className="page">
      <PageTitle title={t('case.new')} />
      <form className="stack narrow" onSubmit={(event) => void begin(event)}>
        <label className="field">
          <span className="label">{t('new.name')}</span>
          <input className="input" dir="auto" autoComplete="off" autoFocus value={name} onChange={(event) => setName(event.target.value)} />
          <span className="help">{t('new.help')}</span>
        </label>
        <div><button className="button button-main">{t(rows.length > 0 ? 'new.none_of_these' : 'new.begin')}</button></div>
      </form>
      {found.error !== null && <p className="note note-warning small">{t('new.unchecked')}</p>}
      <p className="small soft" role="status">{asked.length >= 2 && found.data !== undefined && t('new.found', { count: rows.length })}</p>
      {rows.length > 0 && <CaseRows rows={rows} hidden={hidden} frame={frame} dimmed={found.isPlaceholderData} search={{}} onSort={() => undefined} plain />}
      <p><Link to="/cases" search={{ status: 'open', record_state: 'true' }}>{t('nav.cases')}</Link></p>
    </div>
  )
}

const modulesOf = (modules: { unique_id: string; associated_record_types: string[] }[], mine: string[]) =>
  modules.filter((module) => mine.includes(module.unique_id) && module.associated_record_types.includes('case')).map((module) => module.unique_id)

/** The first word is the first name and the last word the last, as the forms ask for them. */
export function nameParts(name: string): Record<string, string> {
  const words = name.trim().split(/\s+/).filter((word) => word !== '')
  const [first, ...rest] = words
  const last = rest.pop()
  return {
    ...(first === undefined ? {} : { name_first: first }),
    ...(rest.length === 0 ? {} : { name_middle: rest.join(' ') }),
    ...(last === undefined ? {} : { name_last: last }),
  }
}

function useDelayed(value: string, pause: number): string {
  const [delayed, setDelayed] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setDelayed(value), pause)
    return () => clearTimeout(timer)
  }, [value, pause])
  return delayed
}
