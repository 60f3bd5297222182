// Fails the build when a language lacks a text, has one too many, leaves out a placeholder, or
// lacks a plural form that it needs; also when the code names a text that nobody wrote.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const src = fileURLToPath(new URL('../src', import.meta.url))
/** Texts of everybody, and those that only the administration loads. */
const FOLDERS = [join(src, 'i18n', 'locales'), join(src, 'admin', 'locales')]
const code = readdirSync(src, { recursive: true })
  .filter((name) => /\.tsx?$/.test(String(name)) && !/\.test\./.test(String(name)))
  .map((name) => readFileSync(join(src, String(name)), 'utf8'))
  .join('\n')
const faults = []
const placeholders = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort().join()

function check(folder) {
  const languages = Object.fromEntries(
    readdirSync(folder).map((name) => [name.replace('.json', ''), JSON.parse(readFileSync(join(folder, name), 'utf8'))]),
  )
  const english = languages.en
  for (const [language, texts] of Object.entries(languages)) {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories
    for (const key of Object.keys(english)) {
      const text = texts[key]
      const isPlural = typeof english[key] === 'object'
      if (text === undefined || text === '') faults.push(`${language}: "${key}" is missing`)
      else if ((typeof text === 'object') !== isPlural) faults.push(`${language}: "${key}" has to be ${isPlural ? 'plural forms' : 'one text'}`)
      else if (isPlural) {
        for (const form of forms) if (!text[form]) faults.push(`${language}: "${key}" lacks the form "${form}"`)
      } else if (placeholders(text) !== placeholders(english[key])) faults.push(`${language}: "${key}" has other placeholders than English`)
    }
    for (const key of Object.keys(texts)) if (!(key in english)) faults.push(`${language}: "${key}" is not in English`)
  }
  for (const key of Object.keys(english)) {
    const family = key.slice(0, key.lastIndexOf('.') + 1)
    if (!code.includes(`'${key}'`) && !code.includes('`' + family + '${')) faults.push(`"${key}" is not used`)
  }
  return { languages: Object.keys(languages), count: Object.keys(english).length }
}

const checked = FOLDERS.map(check)
for (const { languages } of checked) {
  const [first] = checked
  if (languages.join() !== first.languages.join()) faults.push(`languages differ: ${languages.join()} and ${first.languages.join()}`)
}
if (faults.length > 0) {
  console.error(faults.join('\n'))
  process.exit(1)
}
console.log(`${checked.reduce((sum, one) => sum + one.count, 0)} texts in ${checked[0].languages.length} languages`)
