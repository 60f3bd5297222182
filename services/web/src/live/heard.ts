/** Whether the server tells of changes by itself. */

/** It says something every 15 seconds. */
const FRESH = 60_000
let last = Number.NEGATIVE_INFINITY

export function heardNow(): void {
  last = Date.now()
}

export const isLive = (): boolean => Date.now() - last < FRESH
