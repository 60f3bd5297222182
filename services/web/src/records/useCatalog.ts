import { useQueries } from '@tanstack/react-query'
import { createContext, useContext, useMemo } from 'react'
import { formsQuery, lookupsQuery, placesQuery, settingsQuery } from '~/api/queries'
import { useSession } from '~/session/session'
import { Catalog } from './catalog'

/** The configuration that records are shown by; nothing until all of it is there. */
export function useLoadedCatalog(): { catalog: Catalog | null; error: unknown } {
  const { user } = useSession()
  const [forms, lookups, places, settings] = useQueries({ queries: [formsQuery, lookupsQuery, placesQuery, settingsQuery] })
  const catalog = useMemo(() => {
    if (!forms.data || !lookups.data || !places.data || !settings.data) return null
    return new Catalog(forms.data, lookups.data, places.data, settings.data, user)
  }, [forms.data, lookups.data, places.data, settings.data, user])
  return { catalog, error: forms.error ?? lookups.error ?? places.error ?? settings.error }
}

export const CatalogContext = createContext<Catalog | null>(null)

export function useCatalog(): Catalog {
  const catalog = useContext(CatalogContext)
  if (catalog === null) throw new Error('the configuration was not loaded')
  return catalog
}
