import { type RefObject, useEffect, useState } from 'react'
import { useWords } from '~/i18n'
import { Icon } from '~/ui/Icon'
import type { ListSearch } from './list-search'
import { keyOf, wordsOf } from './searches'

interface Props {
  input: RefObject<HTMLInputElement | null>
  search: ListSearch
  onChange: (next: ListSearch) => void
}

/** Long enough that a name is not asked for letter by letter. */
const PAUSE = 250

/** One box for an id, a name or a phone number. */
export function SearchBox({ input, search, onChange }: Props) {
  const { t } = useWords()
  const [typed, setTyped] = useState('')
  const [asked, setAsked] = useState('')

  // Back and reload bring the words of the address again.
  useEffect(() => {
    let current = true
    void wordsOf(search.find).then((words) => {
      if (!current) return
      setTyped((now) => (now.trim() === words ? now : words))
      setAsked(words)
    })
    return () => {
      current = false
    }
  }, [search.find])

  useEffect(() => {
    if (typed.trim() === asked) return undefined
    const timer = setTimeout(() => {
      const { find: _gone, ...rest } = search
      setAsked(typed.trim())
      onChange(typed.trim() === '' ? rest : { ...rest, find: keyOf(typed.trim()) })
    }, PAUSE)
    return () => clearTimeout(timer)
  }, [typed, asked, search, onChange])

  return (
    <div className="search-box" role="search">
      <Icon name="search" />
      <input
        ref={input}
        className="input"
        type="search"
        dir="auto"
        autoComplete="off"
        spellCheck={false}
        enterKeyHint="search"
        aria-label={t('search.label')}
        placeholder={t('search.placeholder')}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </div>
  )
}
