import { useSyncExternalStore } from 'react'
import { knownInbox, listenToInbox, waiting } from './inbox'

export const useInbox = () => useSyncExternalStore(listenToInbox, knownInbox)

/** How many fields wait for a decision that was not put off. */
export const useMergeCount = () => useSyncExternalStore(listenToInbox, () => waiting(knownInbox()))
