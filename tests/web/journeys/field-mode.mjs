// Field mode: somebody chooses to use no network, works on, and everything goes when they choose otherwise.
import assert from 'node:assert/strict'
import { accessibilityFaults, api, newCase, signIn, unlock, until, within } from '../browser.mjs'

const go = (page, path) => page.evaluate((to) => history.pushState({}, '', to), path)

export default {
  'field mode uses no network, survives a reload, and sends what was written when it ends': () =>
    within(async (page) => {
      const { id } = await newCase({ address_current: 'Before the field' })
      await signIn(page)
      await go(page, `/cases/${id}`)
      await page.getByText('Before the field', { exact: true }).waitFor()
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
      await page.waitForTimeout(500)
      const asked = []
      page.on('request', (request) => {
        if (/^\/(api|health)/.test(new URL(request.url()).pathname)) asked.push(request.url())
      })
      await page.getByRole('button', { name: 'Field mode' }).click()
      await page.getByText('Field mode: no network is used').waitFor()
      await page.waitForTimeout(300)
      asked.length = 0
      await page.getByRole('link', { name: 'Home' }).click()
      await page.getByRole('link', { name: 'Cases', exact: true }).click()
      await page.getByText('from this device, without the server').waitFor()
      await go(page, `/cases/${id}/edit/location_contact`)
      await page.getByLabel('Current address').fill('Written in the field')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('It is sent as soon as there is a network').first().waitFor()
      assert.deepEqual(asked, [])
      assert.deepEqual(await accessibilityFaults(page), [])
      await page.reload()
      await unlock(page)
      await page.getByText('Field mode: no network is used').waitFor()
      await page.getByText('Written in the field').waitFor()
      await page.getByRole('button', { name: 'Use the network' }).click()
      await until('it arrives', async () => (await api(`/api/v2/cases/${id}`)).data.address_current === 'Written in the field', 20_000)
      assert.equal(await page.getByText('Field mode: no network is used').count(), 0)
    }),
}
