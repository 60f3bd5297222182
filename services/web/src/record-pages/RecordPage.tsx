import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useParams } from '@tanstack/react-router'
import { useMemo, useRef } from 'react'
import { PageTitle } from '~/app/PageTitle'
import { useWords } from '~/i18n'
import { useCatalog } from '~/records/useCatalog'
import { useKind } from '~/records/useKind'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { useBegun } from '~/device/useDraft'
import { usePending } from '~/outbox/useOutbox'
import { applyPatch } from '~/records/patch'
import type { RecordData } from '~/api/schemas'
import { RecordContext, type OpenRecord } from './record-context'
import { recordQuery } from './queries'
import './record.css'

/** Loads a record once for all its pages. What was changed here and not sent yet is part of it. */
export default function RecordPage() {
  const { t } = useWords()
  const { id } = useParams({ from: '/records/$place/$id' })
  const kind = useKind()
  const catalog = useCatalog()
  const pending = usePending(id)
  const draft = useBegun(id)
  // What was begun here is not on the server: nothing is asked for.
  const local = draft !== null ? draft.patch : pending?.create === true ? pending.patch : null
  const loaded = useQuery({ ...recordQuery(kind, id), enabled: local === null })
  const open = useMemo<OpenRecord | null>(() => {
    const server = loaded.data
    if (local === null && server === undefined) return null
    const stored: RecordData = local === null ? (server?.data ?? { id }) : { id, module_id: local.module_id }
    const unsent = local ?? pending?.patch ?? {}
    const values: RecordData = { ...applyPatch(stored, unsent), id }
    const module = typeof values.module_id === 'string' ? values.module_id : undefined
    return {
      kind,
      id,
      values,
      stored,
      isNew: local !== null,
      version: local === null ? server?.version : undefined,
      at: server?.at ?? '',
      fromDevice: local === null && server?.fromDevice === true,
      sections: catalog.sections(kind.type, module),
    }
  }, [loaded.data, pending, local, catalog, id, kind])

  // A record that has just arrived at the server stays on the screen while it is read anew.
  const last = useRef(open)
  if (open !== null) last.current = open
  const shown = open ?? (last.current?.id === id && loaded.error === null ? last.current : null)

  if (shown !== null) return <RecordContext value={shown}><Outlet /></RecordContext>
  return (
    <div className="page">
      <PageTitle title={t(`record.one.${kind.type}`)} />
      {loaded.error === null ? <Skeleton lines={12} /> : <Failure error={loaded.error} retry={() => void loaded.refetch()} />}
      {loaded.error !== null && <p><Link to="/$place" params={{ place: kind.place }} search={kind.start}>{t(`nav.${kind.type}`)}</Link></p>}
    </div>
  )
}
