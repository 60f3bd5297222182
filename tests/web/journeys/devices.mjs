// Two people, one case, a network that fails, in whatever order the dice say.
import assert from 'node:assert/strict'
import { api, newCase, profile, signIn, until, url, watch } from '../browser.mjs'

const ROUNDS = Number(process.env.AMPARO_ROUNDS ?? 10)
const FIELDS = ['Nickname', 'Other names or spellings']
const PAUSES = 300

function dice(seed) {
  let state = seed
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * sides)
  }
}

async function device(user) {
  const own = await profile()
  const context = await own.open()
  const page = await context.newPage()
  const faults = watch(page)
  await signIn(page, user)
  return { user, own, context, page, faults, offline: false }
}

const go = (page, path) => page.evaluate((to) => history.pushState({}, '', to), path)

async function write(one, id, field, value) {
  const { page } = one
  await go(page, `/cases/${id}/edit/basic_identity`)
  await page.locator('form.form').waitFor()
  await page.getByLabel(field).fill(value)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.locator('.toast').filter({ hasText: /Saved/ }).last().waitFor()
  await page.locator('form.form').waitFor({ state: 'detached' })
}

async function turn(one, offline) {
  one.offline = offline
  await one.context.setOffline(offline)
}

/** Every value that was ever written of the case is found somewhere. */
async function assertNothingIsLost(id, written) {
  const { data } = await api(`/api/v2/cases/${id}`)
  const conflicts = await api(`/api/amparo/v1/cases/${id}/conflicts`)
  const history = await api(`/api/v2/cases/${id}/record_history?per=200`)
  const everything = JSON.stringify([data, conflicts, history])
  assert.deepEqual(written.filter((value) => !everything.includes(value)), [])
}

async function round(seed, devices) {
  const roll = dice(seed)
  const { id } = await newCase()
  const written = []
  for (const one of devices) {
    await go(one.page, `/cases/${id}`)
    await one.page.locator('.case-head').waitFor()
  }
  for (let step = 0; step < 5; step += 1) {
    const one = devices[roll(2)]
    if (roll(2) === 0) await turn(one, !one.offline)
    // Two words without a network would be one change of mind; each value is written online or once.
    const value = `${one.user}-${seed}-${step}`
    const field = FIELDS[roll(FIELDS.length)]
    const waits = written.some((other) => other.one === one && other.field === field && other.offline)
    if (one.offline && waits) continue
    await write(one, id, field, value)
    written.push({ one, field, value, offline: one.offline })
    await one.page.waitForTimeout(roll(PAUSES))
  }
  for (const one of devices) {
    await turn(one, false)
    await go(one.page, '/outbox')
    await until(`${one.user}'s outbox is empty`, async () => (await one.page.getByText('Everything is sent.').count()) > 0, 30_000)
  }
  // Who writes over their own words that were not sent yet means the later ones.
  const meant = ({ one, field, offline }, at) => !offline || !written.slice(at + 1).some((later) => later.one === one && later.field === field)
  await assertNothingIsLost(id, written.filter(meant).map((one) => one.value))
}

async function rounds() {
  const devices = [await device('salma'), await device('awa')]
  try {
    for (let seed = 1; seed <= ROUNDS; seed += 1) await round(seed * 7_919, devices)
    assert.deepEqual(devices.flatMap((one) => one.faults), [])
  } finally {
    for (const one of devices) {
      await one.context.close()
      await one.own.remove()
    }
  }
}

export default {
  [`two devices and one case: nothing is lost (${ROUNDS} seeded rounds)`]: Object.assign(rounds, { patience: 90_000 + ROUNDS * 30_000 }),
}
