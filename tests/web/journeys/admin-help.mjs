// Administration: whom people ask for help, and the programmes of work.
import assert from 'node:assert/strict'
import { accessibilityFaults, api, signIn, unlock, until, within } from '../browser.mjs'

const admin = (path, options = {}) => api(path, { user: 'admin', ...options })
const go = (page, path) => page.evaluate((to) => history.pushState({}, '', to), path)
const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor()
const saved = (page) => page.getByText('Saved.', { exact: true }).first().waitFor()

export default {
  'administration: whoever saves between one’s look and one’s save is not written over': () =>
    within(async (page) => {
      const name = `Raced ${Date.now().toString(36)}`
      const { data: group } = await admin('/api/v2/user_groups', { method: 'POST', body: { data: { name } } })
      await signIn(page, 'admin')
      await go(page, `/settings/groups/${group.id}`)
      await heading(page, name)
      await page.getByLabel('Description').fill('Mine')
      let raced = false
      await page.route(`**/api/v2/user_groups/${group.id}`, async (route) => {
        if (route.request().method() === 'PATCH' && !raced) {
          raced = true
          await admin(`/api/v2/user_groups/${group.id}`, { method: 'PATCH', body: { data: { description: 'Theirs' } } })
        }
        await route.continue()
      })
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('button', { name: 'Keep mine' }).waitFor()
      assert.equal((await admin(`/api/v2/user_groups/${group.id}`)).data.description, 'Theirs')
      await page.getByRole('button', { name: 'Keep mine' }).click()
      await page.getByRole('button', { name: 'Save' }).click()
      await saved(page)
      assert.equal((await admin(`/api/v2/user_groups/${group.id}`)).data.description, 'Mine')
    }),

  'administration: whom to ask for help is written once, and everybody has it, without a network too': () =>
    within(async (page, context) => {
      const name = `Help desk ${Date.now().toString(36)}`
      await signIn(page, 'admin')
      await go(page, '/settings/contact')
      await heading(page, 'Help and contact')
      await page.getByLabel('Name', { exact: true }).fill(name)
      await page.getByLabel('E-mail', { exact: true }).fill('nowhere')
      await page.getByLabel('Phone', { exact: true }).fill('+998 71 200 00 01')
      // What is typed is kept.
      await page.waitForTimeout(400)
      await page.reload()
      await unlock(page)
      await page.getByLabel('Name', { exact: true }).waitFor()
      assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), name)
      await page.getByLabel('E-mail', { exact: true }).fill('help@amparo.example')
      await page.getByRole('button', { name: 'Save' }).click()
      await saved(page)
      const { data } = await admin('/api/v2/contact_information')
      assert.deepEqual([data.name, data.phone, data.email], [name, '+998 71 200 00 01', 'help@amparo.example'])

      await go(page, '/settings')
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
      await signIn(page, 'salma')
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
      await go(page, '/settings')
      const card = page.getByRole('region', { name: 'Help and contact' })
      await card.getByText(name).waitFor()
      assert.equal(await card.getByRole('link', { name: '+998 71 200 00 01' }).getAttribute('href'), 'tel:+998712000001')
      assert.deepEqual(await accessibilityFaults(page), [])
      await page.waitForTimeout(500)
      await context.setOffline(true)
      await page.reload()
      await unlock(page)
      await card.getByText(name).waitFor()
    }),

  'administration: a programme is described; a name that is taken away is refused at its field': () =>
    within(async (page) => {
      const modules = async () => (await admin('/api/v2/primero_modules')).data
      const [module] = await modules()
      const description = `Described ${Date.now().toString(36)}`
      await signIn(page, 'admin')
      await go(page, '/settings/modules')
      await heading(page, 'Programmes')
      const part = page.getByRole('region', { name: module.name, exact: true })
      await part.getByLabel('Description').fill(description)
      await part.getByLabel(/^Name/).fill('')
      await part.getByRole('button', { name: 'Save' }).click()
      await part.getByRole('alert').getByText(/Name/).first().waitFor()
      assert.equal(await part.getByLabel(/^Name/).getAttribute('aria-invalid'), 'true')
      await part.getByLabel(/^Name/).fill(module.name)
      await part.getByRole('button', { name: 'Save' }).click()
      await saved(page)
      await until('it is described', async () => (await modules()).find((one) => one.id === module.id).description === description)
      assert.equal((await modules()).find((one) => one.id === module.id).name, module.name)
    }),
}
