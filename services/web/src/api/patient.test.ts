import { expect, it, vi } from 'vitest'
import { patiently } from './patient'
import { Refused } from './problem'

it('waits as long as it is told, and goes on; other refusals go through, and patience ends', async () => {
  const waited = vi.fn(async () => undefined)
  const ask = vi.fn().mockRejectedValueOnce(new Refused(429, [], 3)).mockResolvedValueOnce('in')
  expect([await patiently(ask, waited), waited.mock.calls]).toEqual(['in', [[3]]])
  await expect(patiently(() => Promise.reject(new Refused(403, [], null)), waited)).rejects.toThrow('403')
  await expect(patiently(() => Promise.reject(new Refused(429, [], null)), waited)).rejects.toThrow('429')
})
