import { Suspense, lazy, useState } from 'react'
import type { Kind } from '~/records/kinds'
import { useWords } from '~/i18n'
import type { ListSearch } from './list-search'

const SavedDialog = lazy(() => import('./SavedDialog'))

export interface SavedProps {
  kind: Kind
  search: ListSearch
  onChange: (next: ListSearch) => void
}

/** Searches by name: to be taken, kept and thrown away. */
export function SavedSearches(props: SavedProps) {
  const { t } = useWords()
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" className="button" aria-haspopup="dialog" onClick={() => setOpen(true)}>{t('saved.title')}</button>
      <Suspense>{open && <SavedDialog {...props} onClose={() => setOpen(false)} />}</Suspense>
    </>
  )
}
