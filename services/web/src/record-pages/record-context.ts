import { createContext, useContext } from 'react'
import { codeOf, titleField } from '~/records/kinds'
import { type Catalog } from '~/records/catalog'
import { labelOf } from '~/records/options'
import type { RecordData } from '~/api/schemas'
import type { Section } from '~/records/catalog'
import type { Kind } from '~/records/kinds'

export interface OpenRecord {
  kind: Kind
  id: string
  /** As the person sees it: the server's, with their own unsent changes. */
  values: RecordData
  stored: RecordData
  /** Nothing of it is on the server. */
  isNew: boolean
  version: number | undefined
  at: string
  fromDevice: boolean
  sections: Section[]
}

export const RecordContext = createContext<OpenRecord | null>(null)

export function useRecord(): OpenRecord {
  const open = useContext(RecordContext)
  if (open === null) throw new Error('no record is open')
  return open
}

/** What a record is called: its title in words, else its code. */
export function recordTitle({ kind, values }: Pick<OpenRecord, 'kind' | 'values'>, catalog: Catalog, language: string): string {
  const name = titleField(kind, values)
  if (name === undefined) return codeOf(kind, values)
  const field = catalog.field(kind.type, name)
  return field === undefined ? String(values[name]) : labelOf(catalog, field, String(values[name]), language)
}
