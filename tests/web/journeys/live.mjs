// What happens elsewhere is seen without a reload; the device listens once, in one of its tabs.
import assert from 'node:assert/strict'
import { SLOWNESS, api, newCase, signIn, unlock, until, url, within } from '../browser.mjs'

const go = (page, path) => page.evaluate((to) => history.pushState({}, '', to), path)
const change = (id, address_current, user = 'salma') => api(`/api/v2/cases/${id}`, { user, method: 'PATCH', body: { data: { address_current } } })
const isStream = (response) => new URL(response.url()).pathname === '/api/amparo/v1/events' && response.status() === 200
/** From the change until somebody else sees it. */
const SOON = 2_000 * SLOWNESS

async function listening(page, user) {
  const open = page.waitForResponse(isStream)
  await signIn(page, user)
  await open
}

export default {
  'two browsers: what one writes, the other sees within two seconds': () =>
    within((one) => within(async (other) => {
      const { id } = await newCase({ name_first: 'Watched', address_current: 'Before' })
      await listening(one)
      await listening(other, 'awa')
      await go(other, `/cases/${id}`)
      await other.getByText('Before', { exact: true }).waitFor()
      await go(one, `/cases/${id}/edit/location_contact`)
      await one.getByLabel('Current address').fill('Written in the other browser')
      const sent = one.waitForResponse((response) => response.request().method() === 'PATCH' && response.ok())
      await one.getByRole('button', { name: 'Save' }).click()
      await sent
      const began = Date.now()
      await other.getByText('Written in the other browser').waitFor({ timeout: 2 * SOON })
      const took = Date.now() - began
      assert.ok(took < SOON, `it took ${took} ms`)
      // A list, too.
      await go(other, '/cases?status=open&record_state=true')
      await other.locator('.row-link').first().waitFor()
      const name = `Fresh${Date.now().toString(36)}`
      await newCase({ name_first: name })
      await other.locator('.row-link', { hasText: name }).waitFor({ timeout: 2 * SOON })
    })),

  'a conflict that somebody else has caused is counted in the menu at once': () =>
    within(async (page) => {
      const { id } = await newCase()
      const { version } = await api(`/api/v2/cases/${id}`)
      await listening(page)
      for (const name_nickname of ['One', 'Two']) await api(`/api/v2/cases/${id}`, { method: 'PATCH', headers: { 'if-match': `"${version}"` }, body: { data: { name_nickname } } })
      await page.locator('.rail a[href="/merge"] .place-count').waitFor({ timeout: 10_000 * SLOWNESS })
    }),

  'tabs of one browser listen once; when the one that does goes, another takes over': () =>
    within(async (page, context) => {
      const { id } = await newCase({ address_current: 'Before' })
      const streams = []
      context.on('response', (response) => isStream(response) && streams.push(response.frame().page()))
      await listening(page)
      const second = await context.newPage()
      await second.goto(`${url}/cases/${id}`)
      await unlock(second)
      await second.getByText('Before', { exact: true }).waitFor()
      await second.waitForTimeout(1_000)
      assert.equal(streams.length, 1)
      await change(id, 'Heard through the first tab')
      await second.getByText('Heard through the first tab').waitFor({ timeout: 2 * SOON })
      await page.close()
      await until('the second tab listens', () => streams.length === 2)
      assert.equal(streams[1], second)
      await change(id, 'Heard by itself')
      await second.getByText('Heard by itself').waitFor({ timeout: 2 * SOON })
    }),

  'what changes while a page comes is seen once the device listens': () =>
    within(async (page) => {
      const { id } = await newCase({ address_current: 'Before' })
      await listening(page)
      await page.goto(`${url}/cases/${id}`)
      const open = page.waitForResponse(isStream)
      await unlock(page)
      await page.getByText('Before', { exact: true }).waitFor()
      await change(id, 'Written while the page came')
      await open
      await page.getByText('Written while the page came').waitFor({ timeout: 2 * SOON })
    }),

  'what happened while there was no network is seen when it is back': () =>
    within(async (page, context) => {
      const { id } = await newCase({ address_current: 'Before' })
      await listening(page)
      await go(page, `/cases/${id}`)
      await page.getByText('Before', { exact: true }).waitFor()
      await context.setOffline(true)
      await change(id, 'Written meanwhile')
      await page.waitForTimeout(1_000)
      await context.setOffline(false)
      await page.getByText('Written meanwhile').waitFor({ timeout: 20_000 * SLOWNESS })
    }),

  'whoever is at work on another device hears that the session is over': () =>
    within(async (page) => {
      await listening(page)
      const session = await page.evaluate(async () => {
        const token = decodeURIComponent(document.cookie.split('; ').find((one) => one.startsWith('CSRF-TOKEN=')).slice(11))
        return (await fetch('/api/v2/tokens', { method: 'DELETE', headers: { 'X-CSRF-Token': token } })).status
      })
      assert.ok(session < 300, `${session}`)
      await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor({ timeout: 10_000 * SLOWNESS })
      await page.locator('input[autocomplete=current-password]').fill('Amparo-demo-1')
      const again = page.waitForResponse(isStream)
      await page.getByRole('dialog').locator('form button').click()
      await again
    }),
}
