import type { AdminWords } from '../words'

/** A name of the server in words; one that has none shows as it is. */
function named(words: AdminWords, key: string, name: string): string {
  return words.knows(key) ? words.t(key) : name.replaceAll('_', ' ')
}

/** `right.` names actions, `resource.` what they are done to, `reach.` whose records. */
export const rightName = (words: AdminWords, action: string) => named(words, `right.${action}`, action)
export const resourceName = (words: AdminWords, resource: string) => named(words, `resource.${resource}`, resource)
export const scopeName = (words: AdminWords, scope: string) => named(words, `reach.${scope}`, scope)
export const flagName = (words: AdminWords, flag: string) => named(words, `flag.${flag}`, flag)
export const typeName = (words: AdminWords, type: string) => named(words, `type.${type}`, type)
export const fieldTypeName = (words: AdminWords, type: string) => named(words, `kind.${type}`, type)
