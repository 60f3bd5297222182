// A short PIN on the device, and passwords that are changed elsewhere.
import assert from 'node:assert/strict'
import { PASSWORD, accessibilityFaults, api, newCase, signIn, url, within } from '../browser.mjs'

const PIN = '481516'
const go = (page, path) => page.evaluate((to) => history.pushState({}, '', to), path)
const lock = async (page) => {
  await page.locator('.rail').getByRole('button', { name: 'Lock' }).click()
  await page.getByRole('heading', { name: 'Amparo is locked' }).waitFor()
}

async function setPin(page, pin = PIN) {
  await go(page, '/settings')
  await page.getByRole('button', { name: 'Set a PIN' }).click()
  const card = page.getByRole('region', { name: 'PIN for this device' })
  await card.getByLabel('Password').fill(PASSWORD)
  await card.getByLabel('New PIN').fill(pin)
  await card.getByLabel('The PIN again').fill(pin)
  await card.getByRole('button', { name: 'Set a PIN' }).click()
}

async function tryPin(page, pin) {
  await page.getByLabel('PIN', { exact: true }).fill(pin)
  await page.getByRole('button', { name: 'Unlock' }).click()
}

async function draft(page, id, words) {
  await go(page, `/cases/${id}/edit/basic_identity`)
  await page.getByLabel('Nickname').fill(words)
  await page.getByText(/kept on this device/).first().waitFor()
}

/** A person of their own, whose password a journey may change. */
async function newcomer() {
  const user_name = `pin${Date.now().toString(36)}`
  const agency = (await api('/api/v2/agencies', { user: 'admin' })).data[0]
  const data = { user_name, full_name: 'Changed Password', email: `${user_name}@example.org`, locale: 'en', password: PASSWORD, password_confirmation: PASSWORD, role_unique_id: 'role-cp-case-worker', agency_id: agency.id, user_group_unique_ids: ['usergroup-child-protection'] }
  const made = await api('/api/v2/users', { user: 'admin', method: 'POST', body: { data } })
  assert.equal(made.status, 200, JSON.stringify(made))
  return { user_name, id: made.data.id }
}

export default {
  'a PIN opens the device without a network; simple ones are refused': () =>
    within(async (page, context) => {
      await signIn(page)
      await setPin(page, '123456')
      await page.getByText('among the first').waitFor()
      assert.deepEqual(await accessibilityFaults(page), [])
      await page.getByRole('button', { name: 'Cancel' }).click()
      await setPin(page)
      await page.getByText('The PIN is set.').waitFor()
      await lock(page)
      await context.setOffline(true)
      await tryPin(page, '000000')
      await page.getByText('4 tries left').waitFor()
      assert.deepEqual(await accessibilityFaults(page), [])
      await tryPin(page, PIN)
      await page.locator('.rail').waitFor()
      await context.setOffline(false)
      await lock(page)
      await page.getByRole('button', { name: 'Use the password' }).click()
      await page.getByLabel('Password').fill(PASSWORD)
      await page.getByRole('button', { name: 'Unlock' }).click()
      await page.locator('.rail').waitFor()
    }),

  'five wrong PINs take the cases off the device, and unsent work waits for the password': () =>
    within(async (page) => {
      const { id } = await newCase()
      await signIn(page)
      await draft(page, id, 'Not sent yet')
      await setPin(page)
      await page.getByText('The PIN is set.').waitFor()
      await lock(page)
      for (const pin of ['000001', '000002', '000003', '000004']) {
        await tryPin(page, pin)
        await page.getByText(/left\./).waitFor()
        await page.waitForFunction(() => document.querySelector('form button').getAttribute('aria-disabled') !== 'true')
      }
      await tryPin(page, '000005')
      await page.getByRole('heading', { name: 'Too many wrong PINs' }).waitFor()
      await page.reload()
      await signIn(page)
      await page.getByText('1 piece of your work is only on this device').waitFor()
      await go(page, `/cases/${id}/edit/basic_identity`)
      assert.equal(await page.getByLabel('Nickname').inputValue(), 'Not sent yet')
    }),

  'a password that was changed elsewhere does not lose what was not sent': () =>
    within(async (page) => {
      const { user_name, id: person } = await newcomer()
      const { id } = await newCase({}, user_name)
      await signIn(page, user_name)
      await draft(page, id, 'Under the old password')
      await go(page, '/settings')
      await page.getByRole('button', { name: 'Sign out' }).click()
      const next = 'Another-secret-2'
      const changed = await api(`/api/v2/users/${person}`, { user: 'admin', method: 'PATCH', body: { data: { password: next, password_confirmation: next } } })
      assert.equal(changed.status, 200, JSON.stringify(changed))
      await page.goto(url)
      await page.getByLabel('User name').fill(user_name)
      await page.getByLabel('Password').fill(next)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('link', { name: '1 piece of work lies under a former password' }).click()
      await page.getByRole('textbox', { name: 'Former password' }).fill('nonsense')
      await page.getByRole('button', { name: 'Bring it back' }).click()
      await page.getByText('stays sealed and safe').waitFor()
      assert.deepEqual(await accessibilityFaults(page), [])
      await page.getByRole('textbox', { name: 'Former password' }).fill(PASSWORD)
      await page.getByRole('button', { name: 'Bring it back' }).click()
      await page.getByText('You changed Nickname of case').waitFor()
      await go(page, `/cases/${id}/edit/basic_identity`)
      assert.equal(await page.getByLabel('Nickname').inputValue(), 'Under the old password')
    }),
}
