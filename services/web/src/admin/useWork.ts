/**
 * A form of the administration: what is typed is a draft on the device within a moment, survives a
 * reload and the lock, and leaves only when it was saved or discarded.
 */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { type FieldFault, Refused } from '~/api/problem'
import { deviceStore } from '~/device/store'
import { cancelWriting, settleWriting, writeSoon } from '~/device/writing'
import { type Clash, clashOf, settled } from './clash'
import { type Course, begun, moved, redone, undone } from './work'

interface Draft<T> {
  value: T
  /** What the server had when it was begun. */
  base: string
}

export interface Work<T> {
  /** False while the device is asked for a draft. */
  ready: boolean
  value: T
  base: T
  changed: boolean
  /** A draft was found that is based on something else than what the server has now. */
  stale: boolean
  saving: boolean
  error: unknown
  faults: FieldFault[]
  /** `mark` names the field: letters typed into it are one step. */
  set(next: T, mark?: string): void
  undo: (() => void) | null
  redo: (() => void) | null
  discard(): void
  /** Whether it was saved. */
  save(): Promise<boolean>
  refuse(faults: FieldFault[]): void
  /** Somebody else saved the same thing since this was begun. */
  clash: Clash<T> | null
  /** Goes on with what others changed; where both did, with one's own or with theirs. */
  settle(keep: 'mine' | 'theirs'): void
}

const PLACE = 'kept'

export function useWork<T extends object>(name: string, initial: T, send: (value: T, base: T) => Promise<void>, fresh?: () => Promise<T>): Work<T> {
  const id = `admin-draft/${name}`
  const [base, setBase] = useState(initial)
  const [course, setCourse] = useState<Course<T>>(() => begun(initial))
  const [ready, setReady] = useState(false)
  const [stale, setStale] = useState(false)
  const [saving, setSaving] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const [faults, setFaults] = useState<FieldFault[]>([])
  const [clash, setClash] = useState<Clash<T> | null>(null)
  /** What the server said of it last. */
  const seen = useRef(initial)
  const isChanged = useMemo(() => JSON.stringify(course.present) !== JSON.stringify(base), [course.present, base])

  useEffect(() => {
    let gone = false
    const take = (draft: Draft<T> | undefined) => {
      if (gone) return
      if (draft !== undefined) {
        setCourse(moved(begun(initial), draft.value, '', 0))
        setStale(draft.base !== JSON.stringify(initial))
      }
      setReady(true)
    }
    const read = deviceStore()?.get<Draft<T>>(PLACE, id) ?? Promise.resolve(undefined)
    read.then(take, () => take(undefined))
    return () => { gone = true }
    // The form is mounted anew for another object.
  }, [id])

  const keep = useCallback((value: T) => {
    const store = deviceStore()
    if (store === null) return
    const before = JSON.stringify(base)
    if (JSON.stringify(value) === before) writeSoon(id, () => store.delete(PLACE, id))
    else writeSoon(id, () => store.put(PLACE, id, { value, base: before } satisfies Draft<T>))
  }, [base, id])

  const go = useCallback((next: Course<T>) => {
    setCourse(next)
    keep(next.present)
  }, [keep])

  /** What is being written already comes before, so that it does not come back. */
  const forget = async () => {
    cancelWriting(id)
    await settleWriting()
    await deviceStore()?.delete(PLACE, id)
  }

  return {
    ready, value: course.present, base, changed: isChanged, stale, saving, error, faults,
    set: (next, mark = '') => {
      go(moved(course, next, mark, performance.now()))
      setError(null)
    },
    undo: course.past.length === 0 ? null : () => go(undone(course)),
    redo: course.future.length === 0 ? null : () => go(redone(course)),
    discard: () => {
      void forget()
      setCourse(begun(base))
      setFaults([])
      setError(null)
      setStale(false)
      setClash(null)
    },
    save: async () => {
      if (saving) return false
      setSaving(true)
      setError(null)
      setFaults([])
      const sent = course.present
      try {
        for (let left = 3; left > 0; left -= 1) {
          const met = fresh === undefined ? null : clashOf(seen.current, sent, await fresh())
          setClash(met)
          if (met !== null) return false
          if (await isTaken(() => send(sent, base), left)) break
        }
        await forget()
        if (fresh !== undefined) seen.current = await fresh().catch(() => sent)
        setBase(sent)
        setStale(false)
        setCourse((now) => ({ ...begun(now.present) }))
        return true
      } catch (failure) {
        setError(failure)
        if (failure instanceof Refused) setFaults(failure.faults)
        return false
      } finally {
        setSaving(false)
      }
    },
    refuse: (found) => setFaults(found),
    clash,
    settle: (keep) => {
      if (clash === null) return
      seen.current = clash.theirs
      setBase(clash.theirs)
      setClash(null)
      go(moved(course, settled(course.present, clash, keep), '', performance.now()))
    },
  }
}

/** False where somebody saved between the look and this: then it is looked at again. */
async function isTaken(send: () => Promise<void>, left: number): Promise<boolean> {
  try {
    await send()
    return true
  } catch (failure) {
    if (failure instanceof Refused && failure.status === 412 && left > 1) return false
    throw failure
  }
}
