import { useNavigate, useParams, useSearch } from '@tanstack/react-router'

type Search = Record<string, string>

/** What the address says beside its path, and the way to change it. */
export function useAddress(): [Search, (change: Record<string, string | undefined>) => void] {
  const search = useSearch({ strict: false }) as Search
  const navigate = useNavigate()
  return [search, (change) => void navigate({ to: '.', search: { ...search, ...change } as never, replace: true, resetScroll: false })]
}

/** The object that the address names; nothing for one that is being made. */
export function useWanted(): string | null {
  const { id } = useParams({ strict: false }) as { id?: string }
  return id === undefined || id === 'new' ? null : id
}
