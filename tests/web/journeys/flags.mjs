// Flags and alerts: what somebody wants looked at, with and without a network.
import assert from 'node:assert/strict'
import { accessibilityFaults, api, newCase, overflow, signIn, unlock, until, within } from '../browser.mjs'

const go = (page, path) => page.evaluate((to) => history.pushState({}, '', to), path)
const flagsOf = async (id, user = 'salma') => (await api(`/api/v2/cases/${id}/flags`, { user })).data
const ready = (page) => page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
/** A flag's own words, wherever else they stand. */
const words = (flags, text) => flags.locator('.flag-words', { hasText: text })
const raise = (id, message, user = 'salma') => api(`/api/v2/cases/${id}/flags`, { user, method: 'POST', body: { data: { message, date: '2026-12-24' } } })

async function openCase(page, id, user = 'salma') {
  await signIn(page, user)
  await go(page, `/cases/${id}`)
  const flags = page.getByRole('region', { name: 'Flags' })
  await flags.waitFor()
  return { flags, dialog: page.getByRole('dialog') }
}

export default {
  'a flag is set, read and resolved with a reason; what is half written stays': () =>
    within(async (page) => {
      const { id } = await newCase({ name_first: 'Flagged' })
      const { flags, dialog } = await openCase(page, id)
      await flags.getByText('No flag is set.').waitFor()
      await flags.getByRole('button', { name: 'Set a flag' }).click()
      await dialog.getByRole('button', { name: 'Set a flag' }).click()
      await dialog.getByText('Write at least a word.').waitFor()
      assert.deepEqual(await accessibilityFaults(page), [])
      await dialog.getByLabel('What needs a look').fill('Call the school')
      await dialog.getByLabel('By when').fill('2026-12-24')
      await page.waitForTimeout(400)
      await page.reload()
      await unlock(page)
      await flags.getByText('Draft', { exact: true }).waitFor()
      await flags.getByRole('button', { name: 'Set a flag' }).click()
      assert.equal(await dialog.getByLabel('What needs a look').inputValue(), 'Call the school')
      assert.equal(await dialog.getByLabel('By when').inputValue(), '2026-12-24')
      await dialog.getByRole('button', { name: 'Set a flag' }).click()
      await page.getByText('Saved and sent.').waitFor()
      await words(flags, 'Call the school').waitFor()
      assert.equal(await flags.getByText('Draft', { exact: true }).count(), 0)
      const [raised, ...others] = await flagsOf(id)
      assert.deepEqual([raised.message, raised.date, raised.removed, others.length], ['Call the school', '2026-12-24', false, 0])
      await page.locator('.case-head').getByText('1 flag').waitFor()
      // A case worker may not correct flags.
      assert.equal(await flags.getByRole('button', { name: /^Change the flag/ }).count(), 0)

      await flags.getByRole('button', { name: /^Resolve the flag/ }).click()
      await dialog.getByLabel('How it was dealt with').fill('She is back in class')
      await dialog.getByRole('button', { name: 'Resolve the flag' }).click()
      await flags.getByText('1 resolved').click()
      await flags.getByText('She is back in class').waitFor()
      await until('it is resolved', async () => (await flagsOf(id))[0].removed)
      const [resolved] = await flagsOf(id)
      assert.deepEqual([resolved.unflag_message, resolved.unflagged_by], ['She is back in class', 'salma'])
      await until('nothing is marked', async () => (await page.locator('.case-head').getByText('1 flag').count()) === 0)
      assert.deepEqual(await accessibilityFaults(page), [])
      await page.setViewportSize({ width: 360, height: 740 })
      assert.ok((await overflow(page)) <= 0)
    }),

  'whoever may corrects a flag that somebody else has set': () =>
    within(async (page) => {
      const { id } = await newCase()
      await raise(id, 'First words')
      const { flags, dialog } = await openCase(page, id, 'awa')
      await flags.getByRole('button', { name: /^Change the flag/ }).click()
      assert.equal(await dialog.getByLabel('What needs a look').inputValue(), 'First words')
      await dialog.getByLabel('What needs a look').fill('Better words')
      await dialog.getByRole('button', { name: 'Save' }).click()
      await words(flags, 'Better words').waitFor()
      await until('the server has them', async () => (await flagsOf(id))[0].message === 'Better words')
    }),

  'flags are read, set and resolved without a network, and sent once when it is back': () =>
    within(async (page, context) => {
      const { id } = await newCase({ name_first: 'Offline flagged' })
      await raise(id, 'Set before')
      const { flags, dialog } = await openCase(page, id)
      await words(flags, 'Set before').waitFor()
      await ready(page)
      await context.setOffline(true)
      await page.reload()
      await unlock(page)
      await words(flags, 'Set before').waitFor()
      await flags.getByRole('button', { name: /^Resolve the flag/ }).click()
      await dialog.getByLabel('How it was dealt with').fill('Done on the way')
      await dialog.getByRole('button', { name: 'Resolve the flag' }).click()
      await flags.getByText('1 resolved').waitFor()
      await flags.getByRole('button', { name: 'Set a flag' }).click()
      await dialog.getByLabel('What needs a look').fill('Set on the way')
      await dialog.getByRole('button', { name: 'Set a flag' }).click()
      await words(flags, 'Set on the way').waitFor()
      await flags.getByText('Waiting to be sent').first().waitFor()
      await page.getByRole('link', { name: /Outbox/ }).click()
      await page.getByText(/You resolved a flag \(Case/).waitFor()
      await page.getByText(/You set a flag \(Case/).waitFor()
      await page.getByText('Done on the way').waitFor()
      assert.deepEqual(await accessibilityFaults(page), [])
      assert.deepEqual((await flagsOf(id)).map((one) => one.removed), [false])
      await context.setOffline(false)
      await page.getByText('Everything is sent.').waitFor({ timeout: 20_000 })
      const now = await flagsOf(id)
      assert.deepEqual(now.map((one) => [one.message, one.removed]), [['Set before', true], ['Set on the way', false]])
    }),

  'flags of records that were never opened come with the caseload': () =>
    within(async (page, context) => {
      const { id } = await newCase({ name_first: 'Kept flagged' })
      await raise(id, 'Words that came along')
      const read = page.waitForResponse((response) => response.url().endsWith(`/api/v2/cases/${id}/flags`), { timeout: 60_000 })
      await signIn(page)
      await ready(page)
      await read
      await page.waitForTimeout(300)
      await context.setOffline(true)
      await go(page, `/cases/${id}`)
      await words(page.getByRole('region', { name: 'Flags' }), 'Words that came along').waitFor()
    }),

  'an incident by somebody else raises an alert on its case, which a manager takes away': () =>
    within(async (page) => {
      const { id } = await newCase({ name_first: 'Alerted' })
      const made = await api('/api/v2/incidents', { user: 'admin', method: 'POST', body: { data: { module_id: 'primeromodule-cp', incident_case_id: id } } })
      assert.equal(made.status, 200, JSON.stringify(made))
      await until('the case knows', async () => (await api(`/api/v2/cases/${id}`)).data.alert_count > 0)
      await signIn(page, 'awa')
      await go(page, `/cases/${id}`)
      const alerts = page.getByRole('region', { name: 'To look at' })
      await alerts.locator('li', { hasText: 'An incident was recorded' }).waitFor()
      assert.deepEqual(await accessibilityFaults(page), [])
      await alerts.getByRole('button', { name: /^I have seen it/ }).click()
      await alerts.waitFor({ state: 'detached' })
      await until('it is gone', async () => (await api(`/api/v2/cases/${id}/alerts`)).data.length === 0)
    }),
}
