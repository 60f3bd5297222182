import { useQuery } from '@tanstack/react-query'
import { Outlet, useParams } from '@tanstack/react-router'
import { useMemo, useRef } from 'react'
import { PageTitle } from '~/app/PageTitle'
import { useWords } from '~/i18n'
import { useCatalog } from '~/records/useCatalog'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { useBegun } from '~/device/useDraft'
import { usePending } from '~/outbox/useOutbox'
import { applyPatch } from '~/records/patch'
import type { RecordData } from '~/api/schemas'
import { CaseContext, type OpenCase } from './case-context'
import { caseQuery } from './queries'
import './case.css'

/** Loads a case once for all its pages. What was changed here and not sent yet is part of it. */
export default function CasePage() {
  const { t } = useWords()
  const { id } = useParams({ from: '/records/cases/$id' })
  const catalog = useCatalog()
  const pending = usePending(id)
  const draft = useBegun(id)
  // What was begun here is not on the server: nothing is asked for.
  const local = draft !== null ? draft.patch : pending?.create === true ? pending.patch : null
  const loaded = useQuery({ ...caseQuery(id), enabled: local === null })
  const open = useMemo<OpenCase | null>(() => {
    const server = loaded.data
    if (local === null && server === undefined) return null
    const stored: RecordData = local === null ? (server?.data ?? { id }) : { id, module_id: local.module_id }
    const unsent = local ?? pending?.patch ?? {}
    const values: RecordData = { ...applyPatch(stored, unsent), id }
    const module = typeof values.module_id === 'string' ? values.module_id : undefined
    return {
      id,
      values,
      stored,
      isNew: local !== null,
      version: local === null ? server?.version : undefined,
      at: server?.at ?? '',
      fromDevice: local === null && server?.fromDevice === true,
      sections: catalog.sections('case', module),
    }
  }, [loaded.data, pending, local, catalog, id])

  // A case that has just arrived at the server stays on the screen while it is read anew.
  const last = useRef(open)
  if (open !== null) last.current = open
  const shown = open ?? (last.current?.id === id && loaded.error === null ? last.current : null)

  if (shown !== null) return <CaseContext value={shown}><Outlet /></CaseContext>
  return (
    <div className="page">
      <PageTitle title={t('case.one')} />
      {loaded.error === null ? <Skeleton lines={12} /> : <Failure error={loaded.error} retry={() => void loaded.refetch()} />}
    </div>
  )
}
