import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '~/api/client'
import { useWords } from '~/i18n'
import { searchQuery } from '~/lists/list-search'
import type { ListRow } from '~/lists/queries'
import { type Kind, codeOf, rowFields } from '~/records/kinds'
import { useCatalog } from '~/records/useCatalog'
import { Dialog } from '~/ui/Dialog'
import { Failure } from '~/ui/Failure'
import { useDelayed } from '~/ui/useDelayed'
import { recordTitle } from './record-context'

interface Props {
  kind: Kind
  onChoose: (row: ListRow) => void
  onClose: () => void
}

const SHOWN = 12

/** Finds a record of a type by its name, newest first while nothing is typed. */
export function LinkDialog({ kind, onChoose, onClose }: Props) {
  const { t, language } = useWords()
  const catalog = useCatalog()
  const [typed, setTyped] = useState('')
  const asked = useDelayed(typed.trim(), 250)
  const found = useQuery<ListRow[]>({
    queryKey: ['list', kind.place, 'choose', asked],
    placeholderData: (previous: ListRow[] | undefined) => previous,
    queryFn: async ({ signal }) => {
      const words = asked === '' ? { fields: rowFields(kind), order_by: 'created_at', order: 'desc' } : searchQuery(asked, 'name')
      return (await call<ListRow[]>(`/api/v2/${kind.place}`, { query: { ...words, record_state: true, per: SHOWN }, signal })).data
    },
  })
  return (
    <Dialog title={t(`record.one.${kind.type}`)} onClose={onClose} phone="full">
      <input className="input" type="search" autoFocus autoComplete="off" dir="auto" aria-label={t('choose.search')} placeholder={t('choose.search')} value={typed} onChange={(event) => setTyped(event.target.value)} />
      {found.error !== null && <Failure error={found.error} />}
      <ul className="lines">
        {(found.data ?? []).map((row) => (
          <li key={row.id}>
            <button type="button" className="task task-button" onClick={() => onChoose(row)}>
              <bdi>{recordTitle({ kind, values: row }, catalog, language)}</bdi>
              <span className="small soft number">{codeOf(kind, row)}</span>
            </button>
          </li>
        ))}
      </ul>
      {found.data?.length === 0 && <p className="soft">{t('choose.nothing')}</p>}
    </Dialog>
  )
}
