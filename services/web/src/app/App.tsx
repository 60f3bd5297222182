import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { Refused } from '~/api/problem'
import type { Words } from '~/i18n'
import { WordsProvider } from '~/i18n/WordsProvider'
import { OutboxGate } from '~/outbox/OutboxGate'
import { ConductGate } from '~/session/ConductGate'
import { SessionGate } from '~/session/SessionGate'
import { Toasts } from '~/ui/Toasts'
import { router } from './router'

/** A refusal stays one; what could not be reached is tried again, with the device's copy meanwhile. */
const client = new QueryClient({
  queryCache: new QueryCache(),
  mutationCache: new MutationCache(),
  defaultOptions: {
    queries: {
      networkMode: 'always',
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => error instanceof Refused && error.passes && count < 2,
    },
    mutations: { networkMode: 'always', retry: false },
  },
})

export function App({ words }: { words: Words }) {
  return (
    <WordsProvider first={words}>
      <QueryClientProvider client={client}>
        <Toasts>
          <SessionGate>
            <ConductGate>
              <OutboxGate>
                <RouterProvider router={router} />
              </OutboxGate>
            </ConductGate>
          </SessionGate>
        </Toasts>
      </QueryClientProvider>
    </WordsProvider>
  )
}
