/** Places as a tree of which only the open branches show. Pure. */
import type { Place } from '../api'

export interface Branch {
  place: Place
  depth: number
  below: number
}

const last = <T>(list: readonly T[], before: number) => list[list.length - 1 - before]

export function branches(places: readonly Place[], open: ReadonlySet<string>, wanted: string, nameOf: (place: Place) => string): Branch[] {
  const below = new Map<string, Place[]>()
  for (const place of places) {
    const parent = last(place.hierarchy, 1) ?? ''
    below.set(parent, [...(below.get(parent) ?? []), place])
  }
  const branch = (place: Place, depth: number): Branch => ({ place, depth, below: below.get(place.code)?.length ?? 0 })
  const text = wanted.trim().toLowerCase()
  if (text !== '') {
    const fits = (place: Place) => place.code.toLowerCase().includes(text) || Object.values(place.placename).some((one) => one.toLowerCase().includes(text))
    return places.filter(fits).map((place) => branch(place, 0))
  }
  const walk = (parent: string, depth: number): Branch[] =>
    [...(below.get(parent) ?? [])]
      .sort((one, other) => nameOf(one).localeCompare(nameOf(other)))
      .flatMap((place) => [branch(place, depth), ...(open.has(place.code) ? walk(place.code, depth + 1) : [])])
  return walk('', 0)
}
