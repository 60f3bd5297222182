// Last, since from here on everybody has to agree first.
import assert from 'node:assert/strict'
import { PASSWORD, api, url, within } from '../browser.mjs'

export default {
  'the code of conduct stands before everything until it is agreed to': () =>
    within(async (page) => {
      const body = { data: { title: 'How we work', content: 'We listen.\nWe keep what we hear to ourselves.' } }
      const made = await api('/api/v2/codes_of_conduct', { user: 'admin', method: 'POST', body })
      assert.equal(made.status, 200, JSON.stringify(made))
      await page.goto(url)
      await page.getByLabel('User name').fill('tomas')
      await page.getByLabel('Password').fill(PASSWORD)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: 'How we work' }).waitFor()
      assert.equal(await page.locator('.rail').count(), 0)
      await page.locator('.gate-card .button-main').click()
      await page.locator('.rail').waitFor()
    }),
}
