import { useSyncExternalStore } from 'react'
import { draftOf, listenToWork } from '~/outbox/work'

/** The draft of a record; it renders anew with each change that is kept. */
export const useDraft = (id: string) => useSyncExternalStore(listenToWork, () => draftOf(id))

/** What was begun here and is not on the server; nothing for drafts of what is there. */
export const useBegun = (id: string) =>
  useSyncExternalStore(listenToWork, () => {
    const draft = draftOf(id)
    return draft?.isNew === true ? draft : null
  })
