import { createContext, useContext } from 'react'
import type { RecordData } from '~/api/schemas'
import type { Section } from '~/records/catalog'

export interface OpenCase {
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

export const CaseContext = createContext<OpenCase | null>(null)

export function useCase(): OpenCase {
  const open = useContext(CaseContext)
  if (open === null) throw new Error('no case is open')
  return open
}
