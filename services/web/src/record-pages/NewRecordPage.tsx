import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useRef, useState } from 'react'
import { call } from '~/api/client'
import { PageTitle } from '~/app/PageTitle'
import { useWords } from '~/i18n'
import { useHiddenNames } from '~/lists/HideNames'
import { RecordRows } from '~/lists/RecordRows'
import { searchQuery } from '~/lists/list-search'
import type { ListRow } from '~/lists/queries'
import { saveDraft } from '~/outbox/work'
import type { Kind } from '~/records/kinds'
import { useCatalog } from '~/records/useCatalog'
import { useKind } from '~/records/useKind'
import { useDelayed } from '~/ui/useDelayed'
import { begin, modulesFor } from './begin'
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
  const asked = useDelayed(name.trim(), PAUSE)
  const found = useDuplicates(kind, asked)
  const rows = found.data ?? []

  const start = async (event: FormEvent) => {
    event.preventDefault()
    const begun = begin(catalog, kind, module, kind.begin?.(name.trim()) ?? {})
    if (begun === null) return
    await saveDraft(begun.draft)
    await navigate({ to: '/$place/$id/edit/$section', params: { place: kind.place, id: begun.draft.id, section: begun.section }, replace: true })
  }
  return (
    <div className="page">
      <PageTitle title={t(`new.title.${kind.type}`)} />
      <form className="stack narrow" onSubmit={(event) => void start(event)}>
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
        <div><button className="button button-main">{t(rows.length > 0 ? 'new.none_of_these' : 'new.begin')}</button></div>
      </form>
      {found.error !== null && <p className="note note-warning small">{t('new.unchecked')}</p>}
      <p className="small soft" role="status">{asked.length >= 2 && found.data !== undefined && t('new.found', { count: rows.length })}</p>
      {rows.length > 0 && <Found kind={kind} rows={rows} dimmed={found.isPlaceholderData} />}
      <p><Link to="/$place" params={{ place: kind.place }} search={kind.start}>{t(`nav.${kind.type}`)}</Link></p>
    </div>
  )
}

function Found({ kind, rows, dimmed }: { kind: Kind; rows: ListRow[]; dimmed: boolean }) {
  const hidden = useHiddenNames()
  const frame = useRef<HTMLUListElement>(null)
  return <RecordRows kind={kind} rows={rows} hidden={hidden} frame={frame} dimmed={dimmed} search={{}} onSort={() => undefined} plain />
}

function useDuplicates(kind: Kind, asked: string) {
  const wanted = kind.begin !== null && asked.length >= 2
  const found = useQuery<ListRow[]>({
    queryKey: ['list', kind.place, 'duplicates', asked],
    enabled: wanted,
    placeholderData: (previous: ListRow[] | undefined) => previous,
    queryFn: async ({ signal }) => (await call<ListRow[]>(`/api/v2/${kind.place}`, { query: { ...searchQuery(asked, 'name'), per: 8 }, signal })).data,
  })
  return { ...found, data: wanted ? found.data : undefined }
}
