import { useSyncExternalStore } from 'react'
import { draftOf, listenToWork } from '~/outbox/work'

export const useDraft = (id: string) => useSyncExternalStore(listenToWork, () => draftOf(id))
