import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { RecordData } from '~/api/schemas'
import { cancelWriting, settleWriting, writeSoon } from '~/device/writing'
import type { Draft } from '~/outbox/model'
import { allItems, draftOf, dropDraft, saveDraft, takeBack } from '~/outbox/work'
import { Editing } from '~/records/editing'
import { applyPatch, patchBetween } from '~/records/patch'
import type { Section } from '~/records/catalog'
import type { Kind } from '~/records/kinds'
import { handIn } from './hand-in'

export type SaveState = 'idle' | 'sending' | 'refused' | 'failed'

export interface RecordWork {
  editing: Editing
  state: SaveState
  /** Handed in: the page may be left. */
  done: 'sent' | 'waiting' | null
  count(): number
  save(): Promise<void>
  discard(): Promise<void>
}

interface Begun {
  kind: Kind
  id: string
  values: RecordData
  version: number | undefined
  sections: Section[]
  /** The record is not on the server yet. */
  isNew?: boolean
}

/** A record under the pen: begun from its draft, kept as a draft, handed in through the outbox. */
export function useRecordEditing(open: Begun): RecordWork {
  const [state, setState] = useState<SaveState>('idle')
  const [done, setDone] = useState<RecordWork['done']>(null)
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
    const { kind, values, version, isNew } = begun.current
    const base = draftOf(id)?.base ?? version
    const module = typeof values.module_id === 'string' ? values.module_id : null
    const start = isNew === true ? {} : values
    return { id, type: kind.type, module, base, patch: patchBetween(start, editing.values), isNew: isNew === true, savedAt: new Date().toISOString() }
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
      setState(await submit(draft, editing, setDone))
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
async function submit(draft: Draft, editing: Editing, finish: (done: 'sent' | 'waiting') => void): Promise<SaveState> {
  const { item, outcome } = await handIn(draft, draft.id)
  if (outcome?.is === 'refused') {
    const refused = allItems().find((one) => one.id === item.id) ?? item
    await takeBack(refused, draft.base, refused.patch)
    editing.refuse(outcome.refusal.faults)
    return 'refused'
  }
  finish(outcome?.is === 'sent' ? 'sent' : 'waiting')
  return 'idle'
}
