// The other record types: the same lists and pages, and what ties them together.
import assert from 'node:assert/strict'
import { accessibilityFaults, api, newCase, overflow, signIn, unlock, until, url, within } from '../browser.mjs'

const go = (page, path) => page.evaluate((to) => history.pushState({}, '', to), path)
const unique = () => `Fam${Math.random().toString(36).slice(2, 9)}`

export default {
  'an incident is begun from its case without a network, waits for the case, and arrives after it': () =>
    within(async (page, context) => {
      await signIn(page)
      await page.getByRole('link', { name: 'Cases', exact: true }).click()
      await page.locator('.row-link').first().waitFor()
      await go(page, '/cases/new')
      await page.getByLabel('name').waitFor()
      await context.setOffline(true)
      await page.getByLabel('name').fill('Incident Child')
      await page.getByRole('button', { name: /^Begin/ }).click()
      await page.getByLabel('Sex').selectOption({ index: 1 })
      await page.getByLabel('Age', { exact: true }).fill('11')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('It is sent as soon as there is a network').first().waitFor()
      const id = page.url().split('/')[4]
      await page.getByRole('link', { name: 'Overview' }).click()
      await page.getByRole('button', { name: 'New incident' }).click()
      await page.locator('form.form').waitFor()
      const incident = page.url().split('/')[4]
      await page.locator('a[href$="cp_individual_details"]').last().click()
      assert.equal(await page.getByLabel('Age', { exact: true }).inputValue(), '11')
      await page.getByLabel('Age', { exact: true }).fill('12')
      await page.getByRole('button', { name: 'Save' }).click()
      await until('it waits', async () => (await page.locator('.rail a[href="/outbox"] .place-count').innerText()) === '2')
      await go(page, `/cases/${id}`)
      await page.getByRole('region', { name: 'Incidents' }).getByText('Waiting to be sent').waitFor()
      await context.setOffline(false)
      await until('both arrive', async () => (await api(`/api/v2/incidents/${incident}`)).data?.incident_case_id === id, 30_000)
      assert.equal((await api(`/api/v2/incidents/${incident}`)).data.age, 12)
      await go(page, `/incidents/${incident}`)
      await page.getByRole('region', { name: 'Case' }).getByRole('link').click()
      await page.getByRole('heading', { level: 1, name: 'Incident Child' }).waitFor()
    }),

  'a family and a registry record are registered, found, linked with a case and changed': () =>
    within(async (page) => {
      const name = unique()
      const { id } = await newCase({ name_first: 'Linked' }, 'admin')
      await signIn(page, 'admin')
      for (const [place, label, one] of [['families', 'The family’s name', 'family'], ['registry_records', 'The name', 'registry record']]) {
        await go(page, `/${place}/new`)
        await page.getByLabel(label).fill(name)
        await page.getByRole('button', { name: /^Begin/ }).click()
        await page.locator('form.form').waitFor()
        await page.getByRole('button', { name: 'Save' }).click()
        await page.getByText('Saved and sent.').first().waitFor()
        await go(page, `/${place}`)
        await page.getByRole('searchbox').fill(name)
        await page.locator('.row-link', { hasText: name }).waitFor()
        await page.getByText(`1 ${one}`, { exact: true }).waitFor()
        await go(page, `/cases/${id}`)
        const links = page.getByRole('region', { name: 'Family and registry' })
        await links.getByRole('button', { name: new RegExp(`^Link.*${one}`, 'i') }).click()
        await page.getByRole('dialog').getByRole('searchbox').fill(name)
        await page.getByRole('dialog').getByRole('button', { name }).click()
        await links.getByRole('link', { name: new RegExp(name) }).first().waitFor()
      }
      const stored = async () => (await api(`/api/v2/cases/${id}`, { user: 'admin' })).data
      await until('both links arrive', async () => { const data = await stored(); return data.family_id && data.registry_record_id })
      await page.getByRole('button', { name: /Unlink.*Registry/ }).click()
      await until('the link goes', async () => ((await stored()).registry_record_id ?? null) === null)
    }),

  'a member of a family becomes a case of their own': () =>
    within(async (page) => {
      const family = await api('/api/v2/families', { user: 'admin', method: 'POST', body: { data: { module_id: 'primeromodule-cp', family_name: unique(), family_members: [{ relation_name: 'Little Sister', relation_age: 5 }] } } })
      assert.equal(family.status, 200, JSON.stringify(family))
      await signIn(page, 'admin')
      await go(page, `/families/${family.data.id}`)
      await page.getByRole('button', { name: /Begin a case/ }).click()
      await page.getByRole('heading', { level: 1, name: /Sister/ }).waitFor()
      const [, place, id] = new URL(page.url()).pathname.split('/')
      assert.equal(place, 'cases')
      assert.equal((await api(`/api/v2/cases/${id}`, { user: 'admin' })).data.family_id, family.data.id)
    }),

  'pages of the other types are accessible and fit, in both directions': () =>
    within(async (page) => {
      const family = await api('/api/v2/families', { user: 'admin', method: 'POST', body: { data: { module_id: 'primeromodule-cp', family_name: unique(), family_members: [{ relation_name: 'Aunt' }] } } })
      const { id } = await newCase({}, 'admin')
      const incident = await api('/api/v2/incidents', { user: 'admin', method: 'POST', body: { data: { module_id: 'primeromodule-cp', incident_case_id: id } } })
      const paths = ['/incidents', '/families', '/registry_records', '/registry_records/new', `/families/${family.data.id}`, `/incidents/${incident.data.id}`, `/cases/${id}`, `/incidents/${incident.data.id}/edit/cp_incident_form`]
      for (const language of ['en', 'ar']) {
        await page.goto(url)
        await page.evaluate((tag) => localStorage.setItem('amparo-language', tag), language)
        if (language === 'en') await signIn(page, 'admin', { language })
        else { await page.reload(); await unlock(page) }
        for (const width of [360, 1280]) {
          await page.setViewportSize({ width, height: 800 })
          for (const path of paths) {
            await go(page, path)
            await page.locator('h1').first().waitFor()
            await page.waitForTimeout(400)
            assert.deepEqual(await accessibilityFaults(page), [], `${path} ${language} ${width}`)
            assert.ok((await overflow(page)) <= 0, `${path} ${language} ${width} is wider than the screen`)
          }
        }
      }
    }),

  'places that a phone’s bar has no room for are behind More': () =>
    within(async (page) => {
      await signIn(page)
      await page.getByRole('button', { name: 'More', exact: true }).click()
      await page.getByRole('dialog').getByRole('link', { name: 'Families' }).click()
      await page.getByRole('heading', { level: 1, name: 'Families' }).waitFor()
      assert.equal(await page.getByRole('dialog').count(), 0)
    }, { viewport: { width: 360, height: 740 } }),
}
