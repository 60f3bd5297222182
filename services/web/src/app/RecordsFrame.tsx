import { Outlet } from '@tanstack/react-router'
import { CatalogGate } from '~/records/CatalogGate'

export function RecordsFrame() {
  return (
    <CatalogGate>
      <Outlet />
    </CatalogGate>
  )
}
