import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { RecordData } from '~/api/schemas'
import { cancelWriting, settleWriting, writeSoon } from '~/device/writing'
import { type Draft, type Item, type Outcome, withItem } from '~/outbox/model'
import { onOutcome, sendNow } from '~/outbox/sender'
import { allItems, draftOf, dropDraft, putItems, saveDraft, takeBack } from '~/outbox/work'
import { Editing } from '~/records/editing'
import { applyPatch, patchBetween } from '~/records/patch'
import type { Section } from '~/records/catalog'

export type SaveState = 'idle' | 'sending' | 'refused' | 'failed'

export interface CaseWork {
  editing: Editing
  state: SaveState
  /** Handed in: the page may be left. */
  done: 'sent' | 'waiting' | null
  count(): number
  save(): Promise<void>
  discard(): Promise<void>
}

interface Begun {
  id: string
  values: RecordData
  version: number | undefined
  sections: Section[]
  /** The record is not on the server yet. */
  isNew?: boolean
}

/** A person waits this long for the server before the work counts as waiting. */
const PATIENCE = 4_000

/** A case under the pen: begun from its draft, kept as a draft, handed in through the outbox. */
export function useCaseEditing(open: Begun): CaseWork {
  const [state, setState] = useState<SaveState>('idle')
  const [done, setDone] = useState<CaseWork['done']>(null)
  // What it was begun from stays, whatever the server sends meanwhile.
  const begun = useRef(open)
  if (begun.current.id !== open.id) begun.current = open
  const { id } = begun.current

  const editing = useMemo(() => {
    const { values, sections } = begun.current
    const draft = draftOf(id)
    const fields = sections.flatMap((section) => section.fields)
    return new Editing(draft === null ? values : applyPatch(values, draft.patch), fields)
  }, [id])

  const draftNow = useCallback((): Draft => {
    const { values, version, isNew } = begun.current
    const base = draftOf(id)?.base ?? version
    const module = typeof values.module_id === 'string' ? values.module_id : null
    const start = isNew === true ? {} : values
    return { id, module, base, patch: patchBetween(start, editing.values), isNew: isNew === true, savedAt: new Date().toISOString() }
  }, [id, editing])

  useEffect(() => {
    const name = `draft/${id}`
    const keep = () => {
      const draft = draftNow()
      return Object.keys(draft.patch).length === 0 ? dropDraft(id) : saveDraft(draft)
    }
    return editing.listenAll(() => writeSoon(name, keep))
  }, [editing, id, draftNow])

  const save = useCallback(async () => {
    const draft = draftNow()
    if (Object.keys(draft.patch).length === 0) return setDone('sent')
    setState('sending')
    try {
      await settleWriting()
      setState(await handIn(draft, editing, setDone))
    } catch {
      // The device could not write: the work is on the screen, and stays there.
      setState('failed')
    }
  }, [draftNow, editing])

  const discard = useCallback(async () => {
    cancelWriting(`draft/${id}`)
    await settleWriting()
    await dropDraft(id)
    setDone('sent')
  }, [id])

  return useMemo(
    () => ({ editing, state, done, save, discard, count: () => Object.keys(draftNow().patch).length }),
    [editing, state, done, save, discard, draftNow],
  )
}

/** Into the outbox, and on its way; what the server refuses comes back under the pen. */
async function handIn(draft: Draft, editing: Editing, finish: (done: 'sent' | 'waiting') => void): Promise<SaveState> {
  const item: Item = {
    id: crypto.randomUUID(), recordId: draft.id, module: draft.module, base: draft.base, patch: draft.patch,
    isNew: draft.isNew, at: new Date().toISOString(), tries: 0, nextAt: 0, refusal: null,
  }
  const met = firstOutcome(item.id)
  await putItems(withItem(allItems(), item), draft.id)
  void sendNow()
  const outcome = await met
  if (outcome?.is === 'refused') {
    const refused = allItems().find((one) => one.id === item.id) ?? item
    await takeBack(refused, draft.base, refused.patch)
    editing.refuse(outcome.refusal.faults)
    return 'refused'
  }
  finish(outcome?.is === 'sent' ? 'sent' : 'waiting')
  return 'idle'
}

/** What the server says of an item; nothing when it takes longer than somebody should wait. */
function firstOutcome(id: string): Promise<Outcome | null> {
  return new Promise((resolve) => {
    const end = onOutcome((item, outcome) => {
      if (item.id === id) finish(outcome)
    })
    const timer = setTimeout(() => finish(null), PATIENCE)
    const finish = (outcome: Outcome | null) => {
      clearTimeout(timer)
      end()
      resolve(outcome)
    }
  })
}
