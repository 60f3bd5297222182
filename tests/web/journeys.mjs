// Runs the journeys, each with a browser profile of its own; one line for each, then the sum.
import { readdirSync } from 'node:fs'
import { SLOWNESS } from './browser.mjs'

const folder = new URL('./journeys/', import.meta.url)
const only = process.env.AMPARO_ONLY ?? ''
/** Unless a journey says that it is a longer one. */
const PATIENCE = 90_000
let passed = 0
let failed = 0

for (const file of readdirSync(folder).sort()) {
  const { default: journeys } = await import(new URL(file, folder))
  for (const [name, run] of Object.entries(journeys)) {
    if (!name.includes(only)) continue
    const began = Date.now()
    let timer
    try {
      const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error('took too long')), (run.patience ?? PATIENCE) * SLOWNESS)
      })
      await Promise.race([run(), late])
      passed += 1
      console.log(`ok      ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`)
    } catch (error) {
      failed += 1
      console.log(`FAILED  ${name}\n${error.stack}`)
    } finally {
      clearTimeout(timer)
    }
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
