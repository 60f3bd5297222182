/** Texts of the administration: files of their own, so that who works with records never loads them. */
import { createContext, useContext } from 'react'
import { type TextKey, type Values, type Words, wordsOf } from '~/i18n'
import type english from './locales/en.json'

export type AdminTexts = typeof english
export type AdminKey = Extract<keyof AdminTexts | TextKey, string>
export interface AdminWords extends Omit<Words, 't'> {
  t(key: AdminKey, values?: Values): string
  /** Whether there is such a text; names that the server makes have none. */
  knows(key: string): key is AdminKey
}

const files = import.meta.glob<{ default: AdminTexts }>('./locales/*.json')

export async function loadAdminTexts(language: string): Promise<AdminTexts> {
  const load = files[`./locales/${language}.json`] ?? files['./locales/en.json']
  if (load === undefined) throw new Error('no texts were built in')
  return (await load()).default
}

export function adminWords(words: Words, texts: AdminTexts): AdminWords {
  const own = wordsOf(words.language, texts as never)
  const knows = (key: string): key is AdminKey => Object.hasOwn(texts, key)
  return { ...words, knows, t: (key, values) => (knows(key) ? own.t(key as never, values) : words.t(key as TextKey, values)) }
}

export const AdminWordsContext = createContext<AdminWords | null>(null)

export function useAdminWords(): AdminWords {
  const words = useContext(AdminWordsContext)
  if (words === null) throw new Error('the texts of the administration were not loaded')
  return words
}
