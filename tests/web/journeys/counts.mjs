// How many each option of a filter would find, on the server and on the device.
import assert from 'node:assert/strict'
import { accessibilityFaults, api, newCase, signIn, until, within } from '../browser.mjs'

const ready = (page) => page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))

/** The number beside an option; nothing until it is there. */
async function counted(dialog, name) {
  const number = dialog.locator('label.choice', { has: dialog.page().getByRole('checkbox', { name: new RegExp(`^${name}`) }) }).locator('.number')
  return (await number.count()) === 0 ? null : Number((await number.innerText()).replace(/[^\d]/g, ''))
}

async function openFilters(page, ...parts) {
  await page.getByRole('button', { name: /^Filters/ }).click()
  const dialog = page.getByRole('dialog', { name: 'Filters' })
  for (const part of parts) await dialog.locator('summary', { hasText: new RegExp(`^${part}`) }).click()
  return dialog
}

const total = async (query) => (await api(`/api/v2/cases?fields=short&per=1&status=open&record_state=true&${query}`)).metadata.total

export default {
  'options say how many they would find, and follow the other filters': () =>
    within(async (page) => {
      await newCase({ sex: 'female', risk_level: 'high' })
      await signIn(page)
      await page.getByRole('link', { name: 'Cases', exact: true }).click()
      await page.locator('.row-link').first().waitFor()
      const dialog = await openFilters(page, 'Sex', 'Risk level')
      await until('Female is counted', async () => (await counted(dialog, 'Female')) !== null)
      assert.equal(await counted(dialog, 'Female'), await total('sex=female'))
      await until('High is counted', async () => (await counted(dialog, 'High')) === (await total('risk_level=high')))
      await dialog.getByRole('checkbox', { name: /^High/ }).check()
      const both = await total('sex=female&risk_level=high')
      await until('Female follows', async () => (await counted(dialog, 'Female')) === both)
      // An option counts itself alone, whatever else of its filter is chosen.
      const low = await total('risk_level=low')
      await until('Low stays', async () => (await counted(dialog, 'Low')) === low)
      assert.deepEqual(await accessibilityFaults(page), [])
      await dialog.getByRole('checkbox', { name: /^Female/ }).check()
      await dialog.getByText(new RegExp(`^${both} cases?$`)).waitFor()
    }),

  'without a network the device counts what it keeps': () =>
    within(async (page, context) => {
      await newCase({ sex: 'male', risk_level: 'low' })
      await signIn(page)
      await ready(page)
      await page.getByRole('link', { name: /Outbox/ }).click()
      await page.getByText(/open cases?, as (it was|they were)/).waitFor({ timeout: 60_000 })
      await page.getByRole('link', { name: 'Cases', exact: true }).click()
      await page.locator('.row-link').first().waitFor()
      await context.setOffline(true)
      const dialog = await openFilters(page, 'Sex')
      await until('Male is counted', async () => (await counted(dialog, 'Male')) > 0)
      const here = await counted(dialog, 'Male')
      await dialog.getByRole('checkbox', { name: /^Male/ }).check()
      await page.getByText('from this device, without the server').waitFor()
      await dialog.getByText(new RegExp(`^${here} cases?$`)).waitFor()
    }),
}
