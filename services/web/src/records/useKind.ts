import { useParams } from '@tanstack/react-router'
import { type Kind, KINDS, kindAt } from './kinds'

/** The record type that the address names; the router lets no other address in. */
export function useKind(): Kind {
  const { place } = useParams({ from: '/records/$place' })
  return kindAt(place) ?? KINDS.case
}
