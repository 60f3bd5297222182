import type { ReactNode } from 'react'
import { Failure } from '~/ui/Failure'
import { Skeleton } from '~/ui/Skeleton'
import { CatalogContext, useLoadedCatalog } from './useCatalog'

/** Pages are mounted with the configuration at hand. */
export function CatalogGate({ children }: { children: ReactNode }) {
  const { catalog, error } = useLoadedCatalog()
  if (catalog !== null) return <CatalogContext value={catalog}>{children}</CatalogContext>
  return <div className="page">{error === null ? <Skeleton lines={8} /> : <Failure error={error} />}</div>
}
