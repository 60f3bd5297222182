/** Everything behind the sign-in. What was read lives as long as it is mounted: a lock forgets it. */
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useEffect, useLayoutEffect, useState } from 'react'
import { atWork } from '~/api/field-mode'
import { Refused } from '~/api/problem'
import { OutboxGate } from '~/outbox/OutboxGate'
import { ConductGate } from '~/session/ConductGate'
import { ExpiredDialog } from '~/session/ExpiredDialog'
import { useSession } from '~/session/session'
import { router } from './router'

/** A refusal stays one; what could not be reached is tried again, with the device's copy meanwhile. */
const newClient = () =>
  new QueryClient({
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

export default function Inside() {
  const [client] = useState(newClient)
  const { expired } = useSession()
  useEffect(() => () => client.clear(), [client])
  useLayoutEffect(atWork, [])
  return (
    <QueryClientProvider client={client}>
      <ConductGate>
        <OutboxGate>
          <RouterProvider router={router} />
        </OutboxGate>
      </ConductGate>
      {expired && <ExpiredDialog />}
    </QueryClientProvider>
  )
}
