import assert from 'node:assert/strict'
import { api, newCase, signIn, unlock, until, url, within } from '../browser.mjs'

async function edit(page, id, section = 'basic_identity') {
  await signIn(page)
  await page.goto(`${url}/cases/${id}/edit/${section}`)
  await unlock(page)
  await page.locator('form.form').waitFor()
}

const save = (page) => page.getByRole('button', { name: 'Save' }).click()

export default {
  'what is changed is sent, and only that': () =>
    within(async (page) => {
      const { id } = await newCase({ age: 9 })
      await edit(page, id)
      const sent = page.waitForRequest((request) => request.method() === 'PATCH')
      await page.getByLabel('Age', { exact: true }).fill('10')
      await page.getByLabel('Other names or spellings').fill('نور')
      await save(page)
      const request = await sent
      assert.deepEqual(request.postDataJSON(), { data: { age: 10, name_other: 'نور' } })
      const command = request.headers()['idempotency-key']
      assert.match(command, /^[0-9a-f-]{36}$/)
      assert.ok(request.headers()['traceparent'].startsWith(`00-${command.replaceAll('-', '')}-`), 'the trace begins here')
      assert.match(request.headers()['if-match'], /^"\d+"$/)
      await page.getByText('Saved and sent.').waitFor()
      assert.match(page.url(), /section\/basic_identity$/)
      await page.getByText('نور').waitFor()
    }),

  'two saves of one field in a row are no conflict': () =>
    within(async (page) => {
      const { id } = await newCase()
      await edit(page, id)
      for (const nickname of ['First', 'Second', 'Third']) {
        await page.getByLabel('Nickname').fill(nickname)
        await save(page)
        await page.getByRole('link', { name: 'Edit', exact: true }).click()
        await page.locator('form.form').waitFor()
      }
      await until('the last arrives', async () => (await api(`/api/v2/cases/${id}`)).data.name_nickname === 'Third')
      assert.deepEqual((await api(`/api/amparo/v1/cases/${id}/conflicts`)).data, [])
    }),

  'what the server refuses stands on its field, and nothing is lost': () =>
    within(async (page) => {
      const { id } = await newCase({ age: 9 })
      await edit(page, id)
      await page.getByLabel('Age', { exact: true }).fill('200')
      await page.getByLabel('Nickname').fill('Mimi')
      await save(page)
      await page.locator('.fault').first().waitFor()
      const age = page.getByLabel('Age', { exact: true })
      assert.equal(await age.getAttribute('aria-invalid'), 'true')
      assert.match(await page.locator(`[id="${await age.getAttribute('aria-describedby')}"]`).innerText(), /between 0 and 130/)
      await age.fill('12')
      assert.equal(await page.locator('.fault').count(), 0)
      await save(page)
      await page.getByText('Saved and sent.').waitFor()
      const { data } = await api(`/api/v2/cases/${id}`)
      assert.deepEqual([data.age, data.name_nickname], [12, 'Mimi'])
    }),

  'skip logic and calculations follow as one types': () =>
    within(async (page) => {
      const { id } = await newCase()
      await edit(page, id)
      const hidden = page.getByText('Kind of disability').or(page.locator('[id$="-disability_type-field"]'))
      assert.equal(await hidden.count(), 0)
      await page.getByLabel('Does the child have a disability?').selectOption('yes')
      await page.locator('[id$="-disability_type-field"]').waitFor()
      await page.locator('.case-side a', { hasText: /^Assessment$/ }).click()
      await page.getByLabel('Safety now (0 to 10)').fill('3')
      await page.getByLabel('Wellbeing now (0 to 10)').fill('5')
      assert.equal(await page.locator('output').innerText(), '8')
    }),

  'entries of a subform are added, changed and taken away by their ids': () =>
    within(async (page) => {
      const { id } = await newCase({ family_details_section: [{ relation_name: 'Old Aunt', relation: 'aunt' }, { relation_name: 'Keeps Name', relation: 'mother' }] })
      await edit(page, id, 'family_details')
      const entries = page.locator('.entry')
      assert.equal(await entries.count(), 2)
      await page.getByRole('button', { name: /Remove: Old Aunt/ }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
      await page.getByRole('button', { name: /Edit ?: Keeps Name/ }).click()
      await entries.first().locator('input[inputmode=tel]').first().fill('+998901112233')
      await page.getByRole('button', { name: /^Add/ }).click()
      await entries.nth(1).locator('input').first().fill('New Uncle')
      const sent = page.waitForRequest((request) => request.method() === 'PATCH')
      await save(page)
      const { family_details_section: patch } = (await sent).postDataJSON().data
      assert.deepEqual(patch.map((entry) => Object.keys(entry).sort()), [['relation_telephone', 'unique_id'], ['relation_name', 'unique_id'], ['_destroy', 'unique_id']])
      await page.getByText('Saved and sent.').waitFor()
      const { data } = await api(`/api/v2/cases/${id}`)
      assert.deepEqual(data.family_details_section.map((entry) => entry.relation_name), ['Keeps Name', 'New Uncle'])
    }),

  'only the fields of the open section are mounted': () =>
    within(async (page) => {
      const { id } = await newCase()
      await edit(page, id, 'services')
      assert.ok((await page.locator('form.form .field').count()) < 5)
    }),

  'a case is read on one page, its history as a timeline': () =>
    within(async (page) => {
      const { id } = await newCase({ address_current: 'Third tent' })
      await api(`/api/v2/cases/${id}`, { method: 'PATCH', body: { data: { address_current: 'Fourth tent' } } })
      await signIn(page)
      await page.goto(`${url}/cases/${id}`)
      await unlock(page)
      await page.getByText('Fourth tent').waitFor()
      assert.equal(await page.locator('form').count(), 0)
      await page.getByRole('link', { name: 'Changes' }).click()
      await page.locator('.timeline summary').first().click()
      await page.locator('del', { hasText: 'Third tent' }).waitFor()
    }),

  'two people change one field: both values are shown, one is taken': () =>
    within(async (page) => {
      const { id } = await newCase({ address_current: 'Begin' })
      const { version } = await api(`/api/v2/cases/${id}`)
      await edit(page, id, 'location_contact')
      await page.getByLabel('Current address').fill('From the browser')
      await api(`/api/v2/cases/${id}`, { method: 'PATCH', headers: { 'if-match': `"${version}"` }, body: { data: { address_current: 'From elsewhere', telephone_current: '+998901234567' } } })
      await save(page)
      await page.getByText('Saved and sent.').waitFor()
      await page.goto(`${url}/cases/${id}`)
      await unlock(page)
      const card = page.getByRole('region', { name: /Two values for/ })
      await card.getByText('From elsewhere').waitFor()
      await card.locator('.compare-side', { hasText: 'From the browser' }).getByRole('button').click()
      await card.waitFor({ state: 'detached' })
      await until('it is settled', async () => (await api(`/api/v2/cases/${id}`)).data.address_current === 'From the browser')
      assert.equal((await api(`/api/v2/cases/${id}`)).data.telephone_current, '+998901234567')
      assert.deepEqual((await api(`/api/amparo/v1/cases/${id}/conflicts`)).data, [])
    }),
}
