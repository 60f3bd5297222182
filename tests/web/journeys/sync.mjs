// The caseload by differences, and who can see a record.
import assert from 'node:assert/strict'
import { accessibilityFaults, api, newCase, overflow, signIn, unlock, until, within } from '../browser.mjs'

const go = (page, path) => page.evaluate((to) => history.pushState({}, '', to), path)

/** What the server sent in answer to each question about the caseload. */
function listen(page) {
  const answers = []
  page.on('response', async (response) => {
    if (new URL(response.url()).pathname !== '/api/amparo/v1/sync') return
    const { data } = await response.json().catch(() => ({ data: null }))
    if (data !== null) answers.push(data)
  })
  return answers
}

async function renew(page, answers) {
  const before = answers.length
  await page.locator('.rail').getByRole('link', { name: /Outbox/ }).click()
  const button = page.getByRole('button', { name: 'Renew now' })
  await button.waitFor()
  await page.waitForFunction(() => [...document.querySelectorAll('button')].some((one) => one.textContent === 'Renew now' && one.getAttribute('aria-disabled') === 'false'))
  await button.click()
  await page.getByText('Renewing').waitFor({ timeout: 3_000 }).catch(() => undefined)
  await page.waitForFunction(() => !document.body.textContent.includes('Renewing'))
  return answers.slice(before)
}

export default {
  'the caseload comes once, then by differences; what left it leaves the device, and unsent work stays': () =>
    within(async (page, context) => {
      const own = await newCase({ name_first: 'Synced', name_last: 'Child', name_nickname: 'Before' })
      const leaves = await newCase({ name_first: 'Leaving', name_last: 'Child' })
      const kept = await newCase({ name_first: 'Leaving', name_last: 'With words' })
      const answers = listen(page)
      await signIn(page)
      await renew(page, answers)
      const known = answers.flatMap((one) => one.changed.map((each) => each.id))
      for (const { id } of [own, leaves, kept]) assert.ok(known.includes(id), 'it is part of the caseload')
      assert.equal(new Set(known).size, known.length, 'nothing comes twice')
      await page.getByText(/open cases?, as (it was|they were)/).waitFor()
      await page.getByText(/MB on this device, sealed/).waitFor()

      await go(page, `/cases/${kept.id}/edit/basic_identity`)
      await page.getByLabel('Nickname').fill('Not sent')
      await page.getByText(/kept on this device/).first().waitFor()
      // The server tells of changes, or the device asks: the answers count together.
      const mark = answers.length
      const since = (part) => answers.slice(mark).flatMap((one) => one[part].map((each) => each.id))
      await api(`/api/v2/cases/${own.id}`, { method: 'PATCH', body: { data: { name_nickname: 'After' } } })
      for (const { id } of [leaves, kept]) await api(`/api/v2/cases/${id}`, { method: 'PATCH', body: { data: { status: 'closed' } } })
      await until('all of it is told', async () => { await renew(page, answers); return since('gone').length === 2 && since('changed').includes(own.id) })
      assert.deepEqual(new Set(since('changed')), new Set([own.id]))
      assert.deepEqual(new Set(since('gone')), new Set([leaves.id, kept.id]))

      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
      await context.setOffline(true)
      await go(page, `/cases/${own.id}`)
      await page.getByText('After').first().waitFor()
      await go(page, `/cases/${leaves.id}`)
      await page.getByRole('alert').waitFor()
      await go(page, `/cases/${kept.id}/edit/basic_identity`)
      await page.getByLabel('Nickname').waitFor()
      assert.equal(await page.getByLabel('Nickname').inputValue(), 'Not sent')
      await context.setOffline(false)
    }),

  'a record that is open shows what was changed elsewhere, once the caseload was renewed': () =>
    within(async (page) => {
      const { id } = await newCase({ address_current: 'Old street' })
      const answers = listen(page)
      await signIn(page)
      await renew(page, answers)
      await go(page, `/cases/${id}`)
      await page.getByText('Old street').waitFor()
      await api(`/api/v2/cases/${id}`, { method: 'PATCH', body: { data: { address_current: 'New street' } } })
      await renew(page, answers)
      await go(page, `/cases/${id}`)
      await page.getByText('New street').waitFor()
    }),

  'who can see this record, why, and how much of it': () =>
    within(async (page) => {
      const { id } = await newCase()
      await signIn(page, 'admin')
      await go(page, `/cases/${id}/access`)
      const list = page.getByRole('region', { name: 'Who can see this, and why' })
      await list.getByText('Salma Benari').waitFor()
      const salma = list.locator('li', { hasText: 'Salma Benari' })
      await salma.getByText('is responsible for it').waitFor()
      await salma.getByText(/Writes \d+ forms/).waitFor()
      await list.locator('li', { hasText: 'Administrator' }).getByText('sees all records').waitFor()
      assert.equal(await list.locator('li', { hasText: 'Tomás Rivero' }).count(), 0)
      assert.deepEqual(await accessibilityFaults(page), [])
      await page.setViewportSize({ width: 360, height: 760 })
      assert.ok((await overflow(page)) <= 0)
      await page.reload()
      await unlock(page)
      await list.waitFor()
    }),
}
