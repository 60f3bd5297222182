/** Hands work in: into the outbox, and on its way. */
import { isFieldMode } from '~/api/field-mode'
import { type Draft, type Item, type Outcome, recordOf, withItem } from '~/outbox/model'
import { onOutcome, sendNow } from '~/outbox/sender'
import { allItems, putItems } from '~/outbox/work'
import type { Patch } from '~/records/patch'
import type { OpenRecord } from './record-context'

/** A person waits this long for the server before the work counts as waiting. */
const PATIENCE = 4_000

export interface Handed {
  item: Item
  outcome: Outcome | null
}

/** What becomes of the work at once; nothing where it waits. Its draft goes when the outbox has it. */
export async function handIn(work: Draft, replaces?: string): Promise<Handed> {
  const item: Item = {
    id: crypto.randomUUID(), recordId: recordOf(work), ...(work.act !== undefined && { act: work.act }), type: work.type, module: work.module, base: work.base, patch: work.patch,
    isNew: work.isNew, at: new Date().toISOString(), tries: 0, nextAt: 0, refusal: null,
  }
  const met = firstOutcome(item.id)
  await putItems(withItem(allItems(), item), replaces)
  if (isFieldMode()) return { item, outcome: null }
  void sendNow()
  return { item, outcome: await met }
}

/** A change of a record that needs no form. */
export async function handInPatch(open: OpenRecord, patch: Patch): Promise<'sent' | 'waiting'> {
  const module = typeof open.values.module_id === 'string' ? open.values.module_id : null
  const { outcome } = await handIn({ id: open.id, type: open.kind.type, module, base: open.version, patch, isNew: false, savedAt: '' })
  return outcome?.is === 'sent' ? 'sent' : 'waiting'
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
