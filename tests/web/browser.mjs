// A Chromium of its own for each journey, and what journeys do again and again.
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

const web = new URL('../../services/web/', import.meta.url)
const require = createRequire(web)
const { chromium } = require('playwright-core')
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

export const url = process.env.AMPARO_URL ?? 'http://localhost:8080'
export const PASSWORD = 'Amparo-demo-1'
/** How many times longer everything may take: more than once on a machine that has much else to do. */
export const SLOWNESS = Number(process.env.AMPARO_SLOWNESS ?? 1)
const ARGUMENTS = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
]

/** A browser profile on the disk, as a person has one. It can be closed and opened again. */
export async function profile(options = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'amparo-profile-'))
  const open = async () => {
    const context = await chromium.launchPersistentContext(folder, {
      executablePath: process.env.AMPARO_CHROMIUM ?? '/usr/bin/chromium',
      args: ARGUMENTS,
      viewport: { width: 1280, height: 800 },
      locale: 'en-GB',
      ...options,
    })
    context.setDefaultTimeout(15_000 * SLOWNESS)
    return context
  }
  return { folder, open, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** What a page said went wrong; journeys end with none. */
export function watch(page) {
  const faults = []
  page.on('pageerror', (error) => faults.push(`page: ${error.message}`))
  page.on('console', (message) => {
    const expected = /Failed to load resource|net::ERR_/.test(message.text())
    if (message.type() === 'error' && !expected) faults.push(`console: ${message.text()}`)
  })
  return faults
}

export async function signIn(page, user = 'salma', { language = 'en' } = {}) {
  await page.goto(url)
  await page.locator('#gate-language').selectOption(language)
  await page.locator('input[autocomplete=username]').fill(user)
  await page.locator('input[autocomplete=current-password]').fill(PASSWORD)
  await page.locator('form button').first().click()
  await page.locator('.rail, .gate-text').first().waitFor()
  if (await page.locator('.gate-text').count()) await page.locator('.gate-card .button-main').click()
  await page.locator('.rail').waitFor()
}

export async function unlock(page) {
  await page.locator('input[autocomplete=current-password]').fill(PASSWORD)
  await page.locator('form button').first().click()
  await page.locator('.rail').waitFor()
}

/** Asks the API itself, as a script does. */
export async function api(path, { user = 'salma', method = 'GET', body, headers = {} } = {}) {
  const authorization = `Basic ${Buffer.from(`${user}:${PASSWORD}`).toString('base64')}`
  const response = await fetch(url + path, {
    method,
    headers: { authorization, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  // The browser asks in the same person's name; a script waits its turn.
  if (response.status === 429) {
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(response.headers.get('retry-after') ?? 1)))
    return api(path, { user, method, body, headers })
  }
  const text = await response.text()
  return { status: response.status, version: Number(response.headers.get('record-version')), ...(text === '' ? {} : JSON.parse(text)) }
}

/** Registers a case that nobody else of a journey touches. */
export async function newCase(values, user = 'salma') {
  const body = { data: { module_id: 'primeromodule-cp', name_first: 'Journey', name_last: 'Child', sex: 'female', age: 9, ...values } }
  const answer = await api('/api/v2/cases', { user, method: 'POST', body })
  if (answer.status !== 200) throw new Error(`no case: ${JSON.stringify(answer)}`)
  return answer.data
}

/** Faults of WCAG 2.2 A and AA on the page as it stands. */
export async function accessibilityFaults(page) {
  await page.evaluate(axeSource)
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
  const { violations } = await page.evaluate((run) => window.axe.run(document, { runOnly: run }), tags)
  return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`)
}

/** How far the page is wider than the screen. */
export const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)

export async function until(what, check, patience = 15_000) {
  const end = Date.now() + patience * SLOWNESS
  for (;;) {
    if (await check()) return
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** One page in a new browser; at the end it may have said nothing of faults. */
export async function within(run, options) {
  const own = await profile(options)
  const context = await own.open()
  try {
    const page = context.pages()[0] ?? (await context.newPage())
    const faults = watch(page)
    await run(page, context)
    assert.deepEqual(faults, [])
  } finally {
    await context.close()
    await own.remove()
  }
}
