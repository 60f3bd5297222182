/**
 * Two people who change the same thing of the administration: whoever saves second is told, sees
 * what the first one made of it, and decides. Pure; what a form is made of does not matter.
 */

export interface Clash<T> {
  /** As it is on the server now. */
  theirs: T
  /** Parts that somebody else changed since this form was begun. */
  parts: ClashPart[]
}

export interface ClashPart {
  key: string
  theirs: unknown
  mine: unknown
  /** Both changed it, differently: one of them has to give way. */
  both: boolean
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

/** Nothing where nobody else changed anything. */
export function clashOf<T extends object>(base: T, mine: T, theirs: T): Clash<T> | null {
  const [before, own, now] = [base, mine, theirs].map((one) => one as Record<string, unknown>)
  if (before === undefined || own === undefined || now === undefined) return null
  const parts = [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((key) => !same(before[key], now[key]))
    .map((key) => ({ key, theirs: now[key], mine: own[key], both: !same(own[key], before[key]) && !same(own[key], now[key]) }))
  return parts.length === 0 ? null : { theirs, parts }
}

/** The form with what the others changed; where both did, as was chosen. */
export function settled<T extends object>(mine: T, { theirs, parts }: Clash<T>, keep: 'mine' | 'theirs'): T {
  const taken = parts.filter((part) => !part.both || keep === 'theirs').map((part) => [part.key, (theirs as Record<string, unknown>)[part.key]])
  return { ...mine, ...Object.fromEntries(taken) }
}

/** A value of a form in a line. */
export function saidOf(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–'
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(saidOf).join(', ')
  if (typeof value === 'object') return Object.entries(value).map(([key, one]) => `${key}: ${saidOf(one)}`).join(' · ')
  return value === true ? '✓' : value === false ? '–' : String(value)
}
