import { type ReactNode, createContext, useCallback, useContext, useEffect, useMemo, useState } from 'react'
import { type Words, WordsContext, firstLanguage, loadWords } from '.'

const ChooseContext = createContext<(language: string) => void>(() => undefined)

/** Changes the language of the app, at once and for this device. */
export const useChooseLanguage = () => useContext(ChooseContext)

/** Loads one language and turns the page into its direction. */
export function WordsProvider({ first, children }: { first: Words; children: ReactNode }) {
  const [words, setWords] = useState(first)
  const choose = useCallback((language: string) => {
    localStorage.setItem('amparo-language', language)
    void loadWords(language).then(setWords)
  }, [])
  useEffect(() => {
    document.documentElement.lang = words.language
    document.documentElement.dir = words.direction
  }, [words])
  const value = useMemo(() => words, [words])
  return (
    <ChooseContext value={choose}>
      <WordsContext value={value}>{children}</WordsContext>
    </ChooseContext>
  )
}

/** What has to be there before the first frame. */
export const firstWords = () => loadWords(firstLanguage())
