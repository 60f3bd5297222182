// The figures of the web client. Times are those of the main thread, as DevTools counts them.
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { PASSWORD, api, newCase, profile, unlock, url } from './browser.mjs'
import { createRequire } from 'node:module'

const dist = new URL('../../services/web/dist/', import.meta.url)
const require = createRequire(new URL('../../services/web/', import.meta.url))
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const size = (path) => statSync(new URL(`${path.replace(/^\//, '')}.gz`, dist), { throwIfNoEntry: false })?.size ?? statSync(new URL(path.replace(/^\//, ''), dist)).size
const results = []
const note = (what, unit, theirs, ours, most) => results.push({ what, unit, theirs, ours, most })
const ONLY = process.env.AMPARO_ONLY ?? ''
/** A part that breaks says so, and the others are measured all the same. */
let broken = 0
async function part(name, work) {
  if (!name.includes(ONLY)) return
  try {
    await work()
  } catch (error) {
    broken += 1
    console.error(`${name} could not be measured: ${error.stack}`)
  }
}
const median = (all) => [...all].sort((one, other) => one - other)[Math.floor(all.length / 2)]

async function busy(session) {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find((metric) => metric.name === 'TaskDuration').value
}

async function measured(session, work) {
  const before = await busy(session)
  await work()
  return (await busy(session)) - before
}

/** A page whose thread is counted: CPU time, so that other work on the machine does not count. */
async function counted(context) {
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  return { page, session }
}

/** From nothing to home, on a device that has never seen the app. */
async function begin(context) {
  const { page, session } = await counted(context)
  await page.addInitScript(() => localStorage.setItem('amparo-language', 'en'))
  const assets = new Set()
  page.on('request', (request) => {
    const path = new URL(request.url()).pathname
    if (path.startsWith('/assets/')) assets.add(path)
  })
  const form = await measured(session, async () => {
    await page.goto(url)
    await page.locator('input[type=password]').waitFor()
  })
  await page.locator('input[autocomplete=username]').fill('salma')
  await page.locator('input[type=password]').fill(PASSWORD)
  const began = Date.now()
  const home = await measured(session, async () => {
    await page.locator('form button').click()
    await page.locator('.task, .card .soft').first().waitFor()
  })
  return { page, session, assets, form, home, wall: (Date.now() - began) / 1000 }
}

const ROUNDS = 5
const TYPED = 'the quick brown fox jumps over it'.repeat(3)
const { id } = await newCase({ name_first: 'Bench', name_last: 'Mark' })
const own = await profile({ bypassCSP: true })
const context = await own.open()
let homeWall = Number.NaN
let alone = Number.NaN

await part('the way to the first case', async () => {
  const starts = []
  for (let round = 1; round < ROUNDS; round += 1) {
    const other = await profile({ bypassCSP: true })
    const device = await other.open()
    starts.push(await begin(device))
    await device.close()
    await other.remove()
  }
  const first = await begin(context)
  starts.push(first)
  homeWall = median(starts.map((one) => one.wall))
  const { page, session, assets } = first
  await page.locator('.rail a[href^="/cases"]').click()
  await page.locator('.row-link').first().waitFor()
  const opened = []
  for (let round = 0; round < ROUNDS; round += 1) {
    opened.push(await measured(session, async () => {
      await page.locator('.row-link').nth(round).click()
      await page.locator('.case-head').waitFor()
      await page.locator('section.card dl').first().waitFor()
    }))
    if (round === 0) note('script and style to the first case', 'kB', 1900, [...assets].reduce((sum, path) => sum + size(path), 0) / 1000, 200)
    await page.goBack()
    await page.locator('.row-link').first().waitFor()
  }
  const whole = readdirSync(new URL('assets/', dist)).filter((name) => /\.(js|css)$/.test(name))
  note('script and style of the whole app', 'kB', 1900, whole.reduce((sum, name) => sum + size(`assets/${name}`), 0) / 1000, 600)
  note('main thread to the sign-in form', 's', 0.75, median(starts.map((one) => one.form)), 0.15)
  note('sign in to home', 's', 1.1, median(starts.map((one) => one.home)), 0.25)
  note('open a case', 's', 0.83, median(opened), 0.2)
  await page.close()
})

if (!'the way to the first case'.includes(ONLY)) await (await begin(context)).page.close()

await part('typing', async () => {
  const { page, session } = await counted(context)
  await page.goto(`${url}/cases/${id}/edit/basic_identity`)
  await unlock(page)
  await page.getByLabel('Nickname').focus()
  await page.keyboard.type('warm up')
  const typing = []
  for (let round = 0; round < ROUNDS; round += 1) typing.push(await measured(session, () => page.keyboard.type(TYPED, { delay: 10 })))
  note('one typed character', 'ms', 40, (median(typing) * 1000) / TYPED.length, 4)
  await page.waitForTimeout(500)
  await page.close()
  // What the browser itself takes for a key in a page with nothing but an input.
  const bare = await counted(context)
  await bare.page.setContent('<input autofocus>')
  await bare.page.locator('input').focus()
  await bare.page.keyboard.type('warm up')
  alone = (await measured(bare.session, () => bare.page.keyboard.type(TYPED, { delay: 10 }))) * 1000 / TYPED.length
  await bare.page.close()
})

await part('the list again', async () => {
  const times = []
  for (let round = 0; round < ROUNDS; round += 1) {
    // A page of its own, whose thread has done nothing before.
    const { page, session } = await counted(context)
    await page.goto(`${url}/cases?status=open`)
    await unlock(page)
    await page.locator('.row-link').first().waitFor()
    times.push(await busy(session))
    await page.close()
  }
  note('list, first rows again', 's', 1.8, median(times), 0.3)
})

await part('a full load of home', async () => {
  const { page } = await counted(context)
  const calls = []
  page.on('request', (request) => {
    if (/^\/(api|health)/.test(new URL(request.url()).pathname)) calls.push(request.url())
  })
  await page.goto(url)
  await page.locator('.gate').waitFor()
  calls.length = 0
  await unlock(page)
  await page.locator('.task, .card .soft').first().waitFor()
  await page.waitForTimeout(1500)
  note('requests on a full load of home', '', 28, calls.length, 6)
  await page.close()
})

await part('accessibility', async () => {
  const { page } = await counted(context)
  await page.goto(`${url}/cases?status=open`)
  await unlock(page)
  await page.locator('.row-link').first().waitFor()
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }))
  note('accessibility faults on the list', '', 32, violations.reduce((sum, one) => sum + one.nodes.length, 0), 0)
})

await context.close()
await own.remove()

// The caseload over 3G, as DevTools throttles it: a device that has nothing, then a week's changes.
const THIRD_GENERATION = { offline: false, downloadThroughput: 180_000, uploadThroughput: 84_375, latency: 562.5 }
const CASES = 500
const WEEK = 50
let synced = null
await part('the caseload over 3G', async () => {
  const device = await profile()
  const phone = await device.open()
  const screen = await phone.newPage()
  const network = await phone.newCDPSession(screen)
  await network.send('Network.enable')
  const heard = { from: 0, bytes: 0, changed: [], more: true }
  const sizes = new Map()
  network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => sizes.set(requestId, encodedDataLength))
  network.on('Network.responseReceived', ({ requestId, response }) => {
    if (response.url.endsWith('/api/amparo/v1/sync')) sizes.set(requestId, 0)
    else sizes.delete(requestId)
  })
  screen.on('request', (request) => {
    if (request.url().endsWith('/api/amparo/v1/sync')) heard.from ||= Date.now()
  })
  screen.on('response', async (response) => {
    if (!response.url().endsWith('/api/amparo/v1/sync')) return
    const body = await response.json().catch(() => null)
    if (body?.data === undefined) return
    heard.changed.push(...body.data.changed)
    heard.more = body.data.more
  })
  const over = async (work) => {
    Object.assign(heard, { from: 0, changed: [], more: true })
    const asked = []
    const note = ({ requestId, response }) => response.url.endsWith('/api/amparo/v1/sync') && asked.push(requestId)
    network.on('Network.responseReceived', note)
    await work()
    const patience = Date.now() + 120_000
    while (heard.more && Date.now() < patience) await screen.waitForTimeout(50)
    await screen.waitForFunction(() => !document.body.textContent.includes('Renewing'))
    network.off('Network.responseReceived', note)
    const seconds = (Date.now() - heard.from) / 1000
    return { seconds, kilobytes: asked.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0) / 1000, cases: heard.changed.filter((one) => one.record_type === 'case').map((one) => one.id) }
  }
  await screen.addInitScript(() => localStorage.setItem('amparo-language', 'en'))
  await screen.goto(url)
  await screen.locator('input[autocomplete=username]').fill('admin')
  await screen.locator('input[type=password]').fill(PASSWORD)
  // The caseload is asked for some seconds after somebody has come in.
  const first = await over(async () => {
    await screen.locator('form button').click()
    await screen.locator('.rail').waitFor()
    await network.send('Network.emulateNetworkConditions', THIRD_GENERATION)
    await screen.locator('.rail').getByRole('link', { name: /Outbox/ }).click()
  })
  // A week without a network: nothing is told meanwhile, and the device asks when it is back.
  await network.send('Network.emulateNetworkConditions', { ...THIRD_GENERATION, offline: true })
  for (const one of first.cases.slice(0, WEEK)) await api(`/api/v2/cases/${one}`, { user: 'admin', method: 'PATCH', body: { data: { address_current: `Moved ${Date.now()}` } } })
  const week = await over(() => network.send('Network.emulateNetworkConditions', THIRD_GENERATION))
  synced = { first, week }
  note(`first sync of ${first.cases.length} cases over 3G`, 's', Number.NaN, first.seconds * (CASES / Math.max(first.cases.length, 1)), 30)
  note(`a week’s ${week.cases.length} changed cases over 3G`, 's', Number.NaN, week.seconds, 5)
  note('what they weigh', 'kB', Number.NaN, week.kilobytes, 200)
  await phone.close()
  await device.remove()
})

const digits = (value, unit) => (unit === 'kB' || unit === '' ? value.toFixed(0) : unit === 'ms' ? value.toFixed(1) : value.toFixed(2))
console.log('| figure | unit | Primero | ours | ratio | at most | |')
console.log('| --- | --- | ---: | ---: | ---: | ---: | --- |')
let missed = broken
for (const { what, unit, theirs, ours, most } of results) {
  if (ours > most) missed += 1
  console.log(`| ${what} | ${unit} | ${Number.isNaN(theirs) ? 'not measured' : theirs} | ${digits(ours, unit)} | ${Number.isNaN(theirs) ? '–' : (ours / theirs).toFixed(2)} | ${most} | ${ours > most ? 'missed' : 'met'} |`)
}
console.log(`\nBy the clock, sign in to home took ${homeWall.toFixed(2)} s. Of a typed character, ${alone.toFixed(1)} ms are the browser's own in an empty page. The first sync weighed ${synced?.first.kilobytes.toFixed(0)} kB.`)
process.exit(missed === 0 ? 0 : 1)
