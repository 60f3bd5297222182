// Home, tasks, and fields that two people changed.
import assert from 'node:assert/strict'
import { accessibilityFaults, api, newCase, overflow, signIn, unlock, until, url, within } from '../browser.mjs'

const go = (page, path) => page.evaluate((to) => history.pushState({}, '', to), path)

/** A case on which two people wrote different things into the same fields. */
async function quarrel(fields, values = {}) {
  const { id } = await newCase(values)
  const { version } = await api(`/api/v2/cases/${id}`)
  for (const at of [0, 1]) {
    const data = Object.fromEntries(Object.entries(fields).map(([name, both]) => [name, both[at]]))
    await api(`/api/v2/cases/${id}`, { method: 'PATCH', headers: { 'if-match': `"${version}"` }, body: { data } })
  }
  return id
}

export default {
  'fields changed on both sides are settled in one place: taken, combined, or kept for later': () =>
    within(async (page, context) => {
      const id = await quarrel({ address_current: ['Tent 1 by the well', 'Tent 2 by the school'], name_nickname: ['Mimi', 'Nana'], telephone_current: ['+998901234567', '+998907654321'] }, { name_first: 'Quarrel' })
      await signIn(page)
      await go(page, `/cases/${id}`)
      await page.locator('.case-head').waitFor()
      await page.getByRole('link', { name: 'To settle' }).click()
      const record = page.getByRole('region', { name: /Quarrel Child/ })
      await record.waitFor({ timeout: 30_000 })
      const card = (name) => record.getByRole('region', { name: new RegExp(`Two values for .*${name}`) })
      await card('address').getByText('salma').first().waitFor()
      await card('address').getByRole('button', { name: 'Combine both' }).click()
      assert.equal(await card('address').locator('textarea, input').first().inputValue(), 'Tent 1 by the well\nTent 2 by the school')
      await card('address').getByRole('button', { name: 'Take what I wrote' }).click()
      await card('address').waitFor({ state: 'detached' })
      await card('Nickname').locator('.compare-side', { hasText: 'Nana' }).getByRole('button').click()
      await card('Nickname').waitFor({ state: 'detached' })
      await card('phone').getByRole('button', { name: 'Keep for later' }).click()
      await page.getByText(/kept for later/).click()
      await card('phone').getByRole('button', { name: 'Take it up again' }).waitFor()
      await page.reload()
      await unlock(page)
      await page.getByText('1 field kept for later').click()
      const { data } = await api(`/api/v2/cases/${id}`)
      assert.deepEqual([data.address_current, data.name_nickname], ['Tent 1 by the well\nTent 2 by the school', 'Nana'])
      assert.equal((await api(`/api/amparo/v1/cases/${id}/conflicts`)).data.length, 1)
      await context.setOffline(true)
      await go(page, '/')
      await go(page, '/merge')
      await page.getByText('1 field kept for later').waitFor()
    }),

  'a write that meets another’s says so at once, and home leads to it': () =>
    within(async (page) => {
      const { id } = await newCase()
      await signIn(page)
      await go(page, `/cases/${id}/edit/basic_identity`)
      await page.getByLabel('Nickname').fill('From here')
      await api(`/api/v2/cases/${id}`, { method: 'PATCH', body: { data: { name_nickname: 'From there' } } })
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Both values are kept').waitFor()
      await go(page, '/')
      await page.locator('main').getByRole('link', { name: /1 field to settle/ }).click()
      await page.getByText('From there').waitFor()
    }),

  'home counts on the server or on the device, and its numbers lead to their lists': () =>
    within(async (page, context) => {
      const { id } = await newCase({ name_first: 'Counted', risk_level: 'high', assessment_due_date: '2001-01-02' })
      await signIn(page)
      await go(page, `/cases/${id}`)
      await page.locator('.case-head').waitFor()
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
      await page.getByRole('link', { name: 'Home' }).click()
      const numbers = page.getByRole('region', { name: 'My caseload' })
      const high = numbers.getByRole('link', { name: /^High/ })
      await high.waitFor({ timeout: 40_000 })
      const count = Number((await high.locator('strong').innerText()).replace(/\D/g, ''))
      await high.click()
      await page.locator('.row-link').first().waitFor()
      const { metadata } = await api('/api/v2/cases?record_state=true&status=open&risk_level=high')
      await page.getByText(new RegExp(`^${metadata.total} cases?`)).waitFor()
      assert.ok(count > 0 && count <= metadata.total, `${count} of ${metadata.total}`)
      await page.getByRole('link', { name: 'Tasks' }).click()
      await page.getByRole('link', { name: 'Overdue', exact: true }).click()
      await page.locator('.task', { hasText: 'Counted' }).first().waitFor()
      // What the server said seconds ago stays; whoever opens the app anew without a network gets the device's count.
      await context.setOffline(true)
      await page.reload()
      await unlock(page)
      await page.getByRole('link', { name: 'Home' }).click()
      await page.getByText('Counted on this device').waitFor()
      await page.getByRole('region', { name: 'To do' }).locator('.task', { hasText: 'Counted' }).first().waitFor()
    }),

  'home, tasks and what is to settle are accessible and fit, in both directions': () =>
    within(async (page) => {
      const id = await quarrel({ name_nickname: ['One', 'Two'] })
      for (const language of ['en', 'ar']) {
        await page.goto(url)
        await page.evaluate((tag) => localStorage.setItem('amparo-language', tag), language)
        if (language === 'en') await signIn(page, 'salma', { language })
        else { await page.reload(); await unlock(page) }
        await go(page, `/cases/${id}`)
        await page.locator('.compare').first().waitFor()
        for (const width of [360, 1280]) {
          await page.setViewportSize({ width, height: 800 })
          for (const path of ['/', '/tasks', '/merge']) {
            await go(page, path)
            await page.locator('h1').first().waitFor()
            await page.waitForTimeout(500)
            assert.deepEqual(await accessibilityFaults(page), [], `${path} ${language} ${width}`)
            assert.ok((await overflow(page)) <= 0, `${path} ${language} ${width} is wider than the screen`)
          }
        }
      }
    }),
}
