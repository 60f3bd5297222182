import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useState } from 'react'
import { SecondFactor } from './SecondFactor'

/** The second factor's card before somebody is inside, where nothing else is read. */
export default function DemandedFactor({ onDone }: { onDone: () => void }) {
  const [client] = useState(() => new QueryClient())
  return (
    <QueryClientProvider client={client}>
      <SecondFactor onDone={onDone} />
    </QueryClientProvider>
  )
}
