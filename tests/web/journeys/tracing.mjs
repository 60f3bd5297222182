// Who a sought child may be: found, compared, decided, undone.
import assert from 'node:assert/strict'
import { accessibilityFaults, api, newCase, overflow, signIn, until, within } from '../browser.mjs'

const go = (page, path) => page.evaluate((to) => history.pushState({}, '', to), path)
/** Names that nobody else has, so that the match is certain. */
const rare = () => Array.from({ length: 8 }, () => 'bdfgklmnprstvz'[Math.floor(Math.random() * 14)] + 'aeiou'[Math.floor(Math.random() * 5)]).join('')

async function sought(name, family) {
  const data = {
    module_id: 'primeromodule-cp', relation_name: `Mother ${family}`, inquiry_date: '2026-01-02',
    tracing_request_subform_section: [{ name: `${name} ${family}`, age: 9, sex: 'female', relation: 'mother' }],
  }
  const made = await api('/api/v2/tracing_requests', { user: 'admin', method: 'POST', body: { data } })
  assert.equal(made.status, 200, JSON.stringify(made))
  return made.data
}

export default {
  'a sought child is found, compared field by field, matched, and the match undone': () =>
    within(async (page) => {
      const [name, family] = [rare(), rare()]
      const { id } = await newCase({ name_first: name, name_last: family, age: 9, sex: 'female', consent_for_tracing: true }, 'admin')
      const request = await sought(name, family)
      const trace = (await api(`/api/v2/tracing_requests/${request.id}/traces`, { user: 'admin' })).data[0].id
      const matches = async () => (await api(`/api/amparo/v1/traces/${trace}/matches`, { user: 'admin' })).data.potential_matches
      await until('the case is among the matches', async () => (await matches()).some((one) => one.case.id === id), 30_000)
      await signIn(page, 'admin')
      await go(page, `/tracing_requests/${request.id}`)
      await page.getByRole('link', { name: /Find matches/ }).click()
      const card = page.getByRole('region', { name: new RegExp(name) }).first()
      await card.getByText('For it').first().waitFor()
      await card.getByText('All fields side by side').click()
      assert.ok((await card.locator('tbody tr').count()) > 0)
      assert.deepEqual(await accessibilityFaults(page), [])
      await page.setViewportSize({ width: 360, height: 740 })
      assert.ok((await overflow(page)) <= 0)
      await card.getByRole('button', { name: /It is this child/ }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'It is this child' }).click()
      await page.getByText('The match is kept.').waitFor()
      await until('the trace knows its case', async () => (await api(`/api/v2/traces/${trace}`, { user: 'admin' })).data.matched_case_id === id)
      await go(page, `/tracing_requests/${request.id}`)
      await page.getByRole('link', { name: 'Matched' }).waitFor()
      await page.getByRole('button', { name: /Undo the match/ }).click()
      await until('the match is undone', async () => ((await api(`/api/v2/traces/${trace}`, { user: 'admin' })).data.matched_case_id ?? null) === null)
    }),
}
