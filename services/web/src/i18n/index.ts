/**
 * Texts by language. English decides which texts exist: naming another one does not compile, and
 * `build/locales.mjs` fails the build when a language lacks one. Each language is one file, loaded
 * when it is chosen.
 */
import { createContext, useContext } from 'react'
import type english from './locales/en.json'

type Texts = typeof english
export type TextKey = keyof Texts
export type Values = Record<string, string | number>
type Plural = Partial<Record<Intl.LDMLPluralRule, string>>

const files = import.meta.glob<{ default: Texts }>('./locales/*.json')

/** Languages in their own words. */
export const LANGUAGES: Record<string, string> = { en: 'English', fr: 'Français', es: 'Español', ar: 'العربية' }
const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'he', 'ku', 'ps', 'ur'])

export interface Words {
  language: string
  direction: 'ltr' | 'rtl'
  /** The text; `{name}` is replaced by a value, and `count` chooses among plural forms. */
  t(key: TextKey, values?: Values): string
  date(iso: string): string
  moment(iso: string): string
  ago(iso: string): string
  number(value: number): string
}

/** The language to begin with: what was chosen on this device, else the browser's. */
export function firstLanguage(): string {
  const wanted = [localStorage.getItem('amparo-language'), ...navigator.languages.map((tag) => tag.split('-')[0])]
  return wanted.find((tag) => tag != null && tag in LANGUAGES) ?? 'en'
}

export function directionOf(language: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.has(language) ? 'rtl' : 'ltr'
}

export async function loadWords(language: string): Promise<Words> {
  const load = files[`./locales/${language}.json`] ?? files['./locales/en.json']
  if (load === undefined) throw new Error('no texts were built in')
  return wordsOf(language, (await load()).default)
}

export function wordsOf(language: string, texts: Texts): Words {
  // Arabic with the digits that its readers see on phones and papers of the region's systems.
  const locale = language === 'ar' ? 'ar-u-nu-latn' : language
  const plurals = new Intl.PluralRules(locale)
  const numbers = new Intl.NumberFormat(locale)
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' })
  const moments = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const form = (text: string | Plural, count: string | number | undefined): string => {
    if (typeof text === 'string') return text
    return text[plurals.select(Number(count ?? 0))] ?? text.other ?? ''
  }
  const put = (value: string | number | undefined): string =>
    typeof value === 'number' ? numbers.format(value) : isolated(value ?? '', directionOf(language))
  return {
    language,
    direction: directionOf(language),
    t: (key, values) =>
      form(texts[key] as string | Plural, values?.count).replace(/\{(\w+)\}/g, (_all, name: string) => put(values?.[name])),
    date: (iso) => readable(dates, iso.slice(0, 10)),
    moment: (iso) => readable(moments, iso),
    ago: (iso) => ago(relative, iso),
    number: (value) => numbers.format(value),
  }
}

const FIRST_STRONG = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]|([\p{Script=Arabic}\p{Script=Hebrew}])/u

/** A value of the other direction keeps its own, and does not turn the sentence around it. */
function isolated(value: string, around: 'ltr' | 'rtl'): string {
  const found = FIRST_STRONG.exec(value)
  const own = found === null ? around : found[1] === undefined ? 'ltr' : 'rtl'
  return own === around ? value : `\u2068${value}\u2069`
}

function readable(format: Intl.DateTimeFormat, iso: string): string {
  const time = Date.parse(iso)
  return Number.isNaN(time) ? iso : format.format(time)
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600], ['month', 2_629_800], ['day', 86_400], ['hour', 3_600], ['minute', 60],
]

function ago(format: Intl.RelativeTimeFormat, iso: string): string {
  const seconds = (Date.parse(iso) - Date.now()) / 1000
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return format.format(Math.round(seconds / length), unit)
  }
  return format.format(0, 'minute')
}

export const WordsContext = createContext<Words | null>(null)

export function useWords(): Words {
  const words = useContext(WordsContext)
  if (words === null) throw new Error('no language was loaded')
  return words
}
