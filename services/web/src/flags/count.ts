import type { Act, Item } from '~/outbox/model'

/** How many flags are open, from the record's own number and what waits. */
export const openFlags = (known: unknown, done: readonly (Pick<Item, 'refusal'> & { act: Act })[]): number =>
  done.filter((one) => one.refusal === null).reduce((sum, { act }) => sum + (act.is === 'flag' ? 1 : act.is === 'unflag' ? -1 : 0), Number(known ?? 0))
