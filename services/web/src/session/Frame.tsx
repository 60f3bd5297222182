import { type ReactNode, useEffect, useRef } from 'react'
import { LANGUAGES, useWords } from '~/i18n'
import { useChooseLanguage } from '~/i18n/WordsProvider'
import './session.css'

/** The plain page around signing in, unlocking and agreeing. */
export function Frame({ title, children }: { title: string; children: ReactNode }) {
  const { t, language } = useWords()
  const choose = useChooseLanguage()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus()
  }, [title])
  return (
    <div className="gate">
      <main className="gate-card card stack">
        <img src="/icon.svg" alt="" width="48" height="48" />
        <h1 ref={heading} tabIndex={-1}>{title}</h1>
        {children}
      </main>
      <div className="gate-language field">
        <label htmlFor="gate-language">{t('session.language')}</label>
        <select id="gate-language" className="input" value={language} onChange={(event) => choose(event.target.value)}>
          {Object.entries(LANGUAGES).map(([tag, name]) => (
            <option key={tag} value={tag} lang={tag}>{name}</option>
          ))}
        </select>
      </div>
    </div>
  )
}
