// Every page on three widths, in both directions, light and dark, as pictures in a folder.
// AMPARO_PAGES, AMPARO_LANGUAGES, AMPARO_WIDTHS and AMPARO_LOOKS take some of them (names, tags,
// numbers, light or dark; commas between).
import { join } from 'node:path'
import { PASSWORD, api, newCase, profile, url } from './browser.mjs'

const [folder] = process.argv.slice(2)
const { id } = await newCase({ name_first: 'Amina', name_last: 'Haddad', name_nickname: 'Mina', risk_level: 'high', disability_status_yes_no: 'yes' })
const { version } = await api(`/api/v2/cases/${id}`)
for (const address_current of ['Tent 12, block C', 'House behind the school']) {
  await api(`/api/v2/cases/${id}`, { method: 'PATCH', headers: { 'if-match': `"${version}"` }, body: { data: { address_current } } })
}
await api(`/api/v2/cases/${id}/flags`, { method: 'POST', body: { data: { message: 'Ask the school whether she came back', date: '2026-12-01' } } })
const family = await api('/api/v2/families', { user: 'admin', method: 'POST', body: { data: { module_id: 'primeromodule-cp', family_name: 'Haddad', family_members: [{ relation_name: 'Noor Haddad', relation_age: 5 }] } } })
const incident = await api('/api/v2/incidents', { user: 'admin', method: 'POST', body: { data: { module_id: 'primeromodule-cp', incident_case_id: id } } })
const request = await api('/api/v2/tracing_requests', { user: 'admin', method: 'POST', body: { data: { module_id: 'primeromodule-cp', relation_name: 'Mother Haddad', tracing_request_subform_section: [{ name: 'Amina Haddad', age: 9, sex: 'female' }] } } })
const busy = (await api('/api/v2/tasks?per=1')).data[0]?.id ?? id

const PAGES = [
  ['home', '/'], ['cases', '/cases?status=open&record_state=true'], ['cases-none', '/cases?age=18..999&sex=male&risk_level=low&status=transferred'],
  ['new-case', '/cases/new'], ['conflict', `/cases/${id}`], ['overview', `/cases/${busy}`], ['section', `/cases/${busy}/section/services`],
  ['edit', `/cases/${busy}/edit/basic_identity`], ['edit-subform', `/cases/${busy}/edit/family_details`], ['edit-tally', `/cases/${busy}/edit/assessment`],
  ['incidents', '/incidents'], ['incident', `/incidents/${incident.data?.id}`], ['families', '/families'], ['family', `/families/${family.data?.id}`],
  ['registry', '/registry_records'], ['new-registry', '/registry_records/new'], ['tracing', '/tracing_requests'], ['tracing-request', `/tracing_requests/${request.data?.id}`],
  ['matches', `/tracing_requests/${request.data?.id}/matches?trace=${request.data?.tracing_request_subform_section?.[0]?.unique_id}`],
  ['tasks', '/tasks'], ['merge', '/merge'], ['history', `/cases/${busy}/history`], ['access', `/cases/${busy}/access`], ['gone', '/cases/00000000-0000-4000-8000-000000000000'],
  ['outbox', '/outbox'], ['account', '/settings'], ['users', '/settings/users'], ['user', '/settings/users/2'], ['new-user', '/settings/users/new'],
  ['roles', '/settings/roles'], ['role', '/settings/roles/3'], ['teams', '/settings/groups'], ['team', '/settings/groups/1'], ['agencies', '/settings/agencies'],
  ['agency', '/settings/agencies/2'], ['forms', '/settings/forms'], ['form', '/settings/forms/6'], ['lookups', '/settings/lookups'], ['lookup', '/settings/lookups/1'],
  ['places', '/settings/locations'], ['place', '/settings/locations/2'], ['import-places', '/settings/locations/import'], ['conduct', '/settings/conduct'], ['contact', '/settings/contact'], ['modules', '/settings/modules'],
  ['configurations', '/settings/configurations'], ['audit-log', '/settings/audit-log'], ['not-found', '/nowhere'],
]

const chosen = (name, all) => process.env[name]?.split(',') ?? all
const combinations = chosen('AMPARO_LOOKS', ['light', 'dark']).flatMap((look) => chosen('AMPARO_LANGUAGES', ['en', 'ar']).flatMap((language) => chosen('AMPARO_WIDTHS', [360, 768, 1440]).map((width) => [look, language, Number(width)])))
for (const [look, language, width] of combinations) {
  const own = await profile({ viewport: { width, height: width < 500 ? 760 : 900 }, colorScheme: look })
  const context = await own.open()
  const page = await context.newPage()
  const take = async (name, wait = 700) => {
    await page.waitForTimeout(wait)
    await page.screenshot({ path: join(folder, `${name}-${language}-${width}-${look}.png`) })
  }
  await page.addInitScript((tag) => localStorage.setItem('amparo-language', tag), language)
  await page.goto(url)
  await page.locator('form').waitFor()
  await take('sign-in')
  await page.locator('input[autocomplete=username]').fill('admin')
  await page.locator('input[type=password]').fill(PASSWORD)
  await page.locator('form button').click()
  await page.locator('.rail').waitFor()
  const some = process.env.AMPARO_PAGES?.split(',')
  for (const [name, path] of PAGES.filter(([one]) => some === undefined || some.includes(one))) {
    await page.evaluate((to) => history.pushState({}, '', to), path)
    await page.locator('h1').first().waitFor()
    await take(name)
    if (name === 'cases') {
      await page.locator('main button[aria-haspopup=dialog]').first().click()
      await page.locator('dialog summary').nth(3).click()
      await take('filters', 200)
      await page.keyboard.press('Escape')
    }
    if (name === 'edit-subform' && (await page.locator('.entry button').count()) > 0) {
      await page.locator('.entry button').first().click()
      await take('edit-entry', 200)
    }
    if (name === 'role') {
      await page.locator('.entry-toggle').first().click()
      await take('role-rights', 200)
    }
    if (name === 'form') {
      await page.locator('.builder-row .pick').first().click()
      await take('form-field', 200)
    }
    if (name === 'conflict') {
      await page.locator('section[aria-labelledby=flags] > .row button').click()
      await take('flag', 300)
      await page.keyboard.press('Escape')
    }
  }
  if (await page.locator('.place-more').isVisible()) {
    await page.locator('.place-more').click()
    await take('more', 200)
    await page.keyboard.press('Escape')
  }
  if (some === undefined) {
    await context.setOffline(true)
    await page.evaluate(() => history.pushState({}, '', '/cases?status=open'))
    await take('offline', 1500)
    await context.setOffline(false)
  }
  await page.locator('.rail-foot button').last().click()
  await take('locked')
  await context.close()
  await own.remove()
}
