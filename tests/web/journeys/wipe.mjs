// A device that was lost: ordered to be emptied, obeyed at the next contact, and what was not sent comes back.
import assert from 'node:assert/strict'
import { PASSWORD, accessibilityFaults, api, newCase, signIn, unlock, until, url, within } from '../browser.mjs'

const go = (page, path) => page.evaluate((to) => history.pushState({}, '', to), path)

/** Rows of every store of every part of this device. */
const rowsOnDevice = (page) =>
  page.evaluate(async () => {
    const counts = {}
    for (const { name } of await indexedDB.databases()) {
      if (!name.startsWith('amparo-') || name === 'amparo-vaults') continue
      const database = await new Promise((resolve) => { const request = indexedDB.open(name); request.onsuccess = () => resolve(request.result) })
      for (const table of database.objectStoreNames) {
        const count = await new Promise((resolve) => { const request = database.transaction(table).objectStore(table).count(); request.onsuccess = () => resolve(request.result) })
        counts[table] = (counts[table] ?? 0) + count
      }
      database.close()
    }
    return counts
  })

async function newcomer() {
  const user_name = `lost${Date.now().toString(36)}`
  const agency = (await api('/api/v2/agencies', { user: 'admin' })).data[0]
  const data = { user_name, full_name: 'Lost Phone', email: `${user_name}@example.org`, locale: 'en', password: PASSWORD, password_confirmation: PASSWORD, role_unique_id: 'role-cp-case-worker', agency_id: agency.id, user_group_unique_ids: ['usergroup-child-protection'] }
  const made = await api('/api/v2/users', { user: 'admin', method: 'POST', body: { data } })
  assert.equal(made.status, 200, JSON.stringify(made))
  return { user_name, id: made.data.id }
}

async function work(page, id, words) {
  await go(page, `/cases/${id}`)
  await page.locator('.case-head').waitFor()
  await go(page, `/cases/${id}/edit/basic_identity`)
  await page.getByLabel('Nickname').fill(words)
  await page.getByText(/kept on this device/).first().waitFor()
}

/** The administrator finds the device among a person's and has it emptied. */
async function order(person) {
  await within(async (page) => {
    await signIn(page, 'admin')
    await go(page, `/settings/users/${person}`)
    const card = page.getByRole('region', { name: 'Devices' })
    await card.getByRole('button', { name: /^Empty it/ }).first().click()
    const dialog = page.getByRole('dialog')
    assert.deepEqual(await accessibilityFaults(page), [])
    await dialog.getByRole('button', { name: 'Empty it' }).click()
    const ordered = page.getByText('It will be emptied at its next contact.')
    await dialog.getByLabel('Password').or(ordered).first().waitFor()
    if ((await ordered.count()) === 0) {
      await dialog.getByLabel('Password').fill(PASSWORD)
      await dialog.getByRole('button', { name: 'Empty it' }).click()
    }
    await card.getByText('Will be emptied').waitFor()
  })
}

/** With the server's recovery not even the password opens what is left; the server does, for its owner. */
async function bringBack(page) {
  await go(page, '/outbox')
  const left = page.getByRole('region', { name: /stayed here when the device was emptied/ })
  await left.getByRole('button', { name: 'Bring it back' }).click()
  const back = page.getByText('You changed Nickname of case')
  await left.getByLabel('Password').or(back).first().waitFor()
  if ((await back.count()) === 0) {
    await left.getByLabel('Password').fill(PASSWORD)
    await left.getByRole('button', { name: 'Bring it back' }).click()
  }
  await back.waitFor()
}

const known = (person) => until('the device is known', async () => (await api(`/api/amparo/v1/users/${person}/devices`, { user: 'admin' })).data?.length === 1)

const BY_OWNER = 'an order to empty the device is obeyed while somebody is at work; what was not sent comes back to its owner'

const journeys = {
  [BY_OWNER]: () =>
    within(async (page) => {
      const { user_name, id: person } = await newcomer()
      const { id } = await newCase({}, user_name)
      await signIn(page, user_name)
      await known(person)
      await work(page, id, 'Never sent')
      await order(person)
      await go(page, '/cases')
      await page.getByRole('heading', { name: 'This device was emptied' }).waitFor()
      assert.deepEqual(await accessibilityFaults(page), [])
      await until('nothing but the draft is left', async () => {
        const { records, kept, drafts } = await rowsOnDevice(page)
        return records === 0 && kept === 0 && drafts === 1
      })
      assert.equal((await api(`/api/amparo/v1/users/${person}/devices`, { user: 'admin' })).data[0].state, 'wiped')

      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByLabel('User name').fill(user_name)
      await page.getByLabel('Password').fill(PASSWORD)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.locator('.rail').waitFor()
      if ((await api('/api/amparo/v1/recovery_key', { user: user_name })).status === 200) await bringBack(page)
      await go(page, `/cases/${id}/edit/basic_identity`)
      assert.equal(await page.getByLabel('Nickname').inputValue(), 'Never sent')
    }),

  'a locked device asks before it opens, and is empty': () =>
    within(async (page) => {
      const { user_name, id: person } = await newcomer()
      await newCase({}, user_name)
      await signIn(page, user_name)
      await known(person)
      await page.goto('about:blank')
      await order(person)
      await page.goto(url)
      await page.getByRole('heading', { name: 'This device was emptied' }).waitFor()
      // Nothing was unsent: not even a key is left.
      await until('the part is gone', async () => Object.keys(await rowsOnDevice(page)).length === 0)
      await page.reload()
      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
      assert.equal(await page.getByRole('heading', { name: 'Amparo is locked' }).count(), 0)
    }),

  'one’s own devices are listed, and this one is named': () =>
    within(async (page) => {
      const { user_name, id: person } = await newcomer()
      await signIn(page, user_name)
      await known(person)
      await go(page, '/settings')
      await page.getByRole('region', { name: 'Devices' }).getByText('this one').waitFor()
      await page.reload()
      await unlock(page)
      assert.deepEqual(await accessibilityFaults(page), [])
    }),
}

// Two people in two browsers, who sign in three times.
journeys[BY_OWNER].patience = 240_000
export default journeys
