/** The entry holds what somebody needs to sign in; the rest comes while they type. */
import { Suspense, lazy, useEffect } from 'react'
import type { Words } from '~/i18n'
import { WordsProvider } from '~/i18n/WordsProvider'
import { SessionGate } from '~/session/SessionGate'
import { Toasts } from '~/ui/Toasts'

const inside = () => import('./Inside')
const Inside = lazy(inside)

export function App({ words }: { words: Words }) {
  useEffect(() => {
    const begin = () => void inside().catch(() => undefined)
    addEventListener('input', begin, { once: true })
    return () => removeEventListener('input', begin)
  }, [])
  return (
    <WordsProvider first={words}>
      <Toasts>
        <SessionGate>
          <Suspense>
            <Inside />
          </Suspense>
        </SessionGate>
      </Toasts>
    </WordsProvider>
  )
}
