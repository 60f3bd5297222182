import assert from 'node:assert/strict'
import { PASSWORD, accessibilityFaults, api, signIn, unlock, until, within } from '../browser.mjs'

const fresh = () => Math.random().toString(36).slice(2, 8)
const admin = (path, options = {}) => api(path, { user: 'admin', ...options })
const go = (page, path) => page.evaluate((to) => { history.pushState({}, '', to); dispatchEvent(new PopStateEvent('popstate')) }, path)
const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor()
const saved = (page) => page.getByText('Saved.', { exact: true }).first().waitFor()

async function open(page, path, name, options) {
  await signIn(page, 'admin', options)
  await go(page, path)
  await heading(page, name)
}

async function unusedRole() {
  const body = { data: { name: `Tried ${fresh()}`, group_permission: 'group', module_unique_ids: ['primeromodule-cp'], permissions: { case: ['read', 'write', 'export_csv'] }, form_section_read_write: { basic_identity: 'rw', notes: 'r' } } }
  return (await admin('/api/v2/roles', { method: 'POST', body })).data
}

async function unusedForm() {
  const field = (name, label, more = {}) => ({ name: `${name}_${mark}`, type: 'text_field', display_name: { en: label }, visible: true, ...more })
  const mark = fresh()
  const fields = [field('first', 'First field'), field('second', 'Second field'), field('third', 'Third field', { display_conditions_record: { eq: { [`first_${mark}`]: 'yes' } } })]
  const body = { data: { name: { en: `Tried form ${mark}` }, parent_form: 'case', module_ids: ['primeromodule-cp'], form_group_id: 'assessment', visible: true, order: 900, order_form_group: 900, fields } }
  const answer = await admin('/api/v2/forms', { method: 'POST', body })
  assert.equal(answer.status, 200, JSON.stringify(answer))
  return { ...answer.data, mark }
}

const stored = async (kind, id) => (await admin(`/api/v2/${kind}/${id}`)).data

const PAGES = {
  people: ['/settings/users', '/settings/users/2', '/settings/users/new', '/settings/roles', '/settings/roles/3', '/settings/groups', '/settings/groups/1', '/settings/agencies', '/settings/agencies/2', '/settings/conduct'],
  configuration: ['/settings/forms', '/settings/forms/6', '/settings/lookups', '/settings/lookups/1', '/settings/locations', '/settings/locations/2', '/settings/locations/import', '/settings/configurations', '/settings/configurations/LAST', '/settings/audit-log', '/settings/contact', '/settings/modules'],
}

/** On a tall screen: what a bar covers now would count as too small, though one scroll away. */
async function lookAt(page, paths, language, width) {
  const snapshot = (await admin('/api/v2/configurations')).data[0].id
  const faults = []
  await signIn(page, 'admin', { language })
  for (const path of paths) {
    await go(page, path.replace('LAST', snapshot))
    await page.locator('h1').first().waitFor()
    await until(`${path} is there`, async () => (await page.locator('.skeleton').count()) === 0)
    if (path.includes('/forms/')) await page.locator('.builder-row .pick').first().click()
    if (path.includes('/roles/')) await page.locator('.entry-toggle').first().click()
    await page.waitForTimeout(200)
    faults.push(...(await accessibilityFaults(page)).map((fault) => `${language} ${path}: ${fault}`))
    const over = await page.evaluate((wide) => document.documentElement.scrollWidth - wide, width)
    if (over > 0) faults.push(`${language} ${path}: ${over} pixels too wide`)
  }
  assert.deepEqual(faults, [])
}

export default {
  'administration: a user is made, refused where something is wrong, changed, and shut out': () =>
    within(async (page) => {
      const name = `rana.${fresh()}`
      await open(page, '/settings/users', 'Users')
      await page.getByRole('link', { name: 'New user' }).click()
      await heading(page, 'New user')
      await page.getByLabel('User name (required)').fill('salma')
      await page.getByLabel('E-mail', { exact: true }).fill('nowhere')
      await page.getByRole('button', { name: 'Save' }).click()
      const faults = page.locator('.note-danger[role=alert]')
      await faults.waitFor()
      for (const field of ['User name', 'Full name', 'E-mail', 'Role', 'Agency']) await faults.getByText(new RegExp(`${field}: `)).first().waitFor()
      assert.equal(await page.getByLabel('E-mail', { exact: true }).getAttribute('aria-invalid'), 'true')

      await page.getByLabel('User name (required)').fill(name)
      await page.getByLabel('Full name (required)').fill('Rana Tried')
      await page.getByLabel('E-mail', { exact: true }).fill(`${name}@amparo.example`)
      await page.getByLabel('Role (required)').selectOption({ label: 'Child protection manager' })
      await page.getByLabel('Agency (required)').selectOption({ index: 2 })
      await page.getByRole('checkbox', { name: 'North Coast team' }).check()
      await page.getByText('Sees the records of everybody in these teams: North Coast team').waitFor()
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
      await page.getByLabel('Password again').fill(PASSWORD)
      await page.getByRole('button', { name: 'Save' }).click()
      await saved(page)
      await heading(page, 'Rana Tried')
      const found = (await admin(`/api/v2/users?query=${name}`)).data
      assert.deepEqual([found[0].user_name, found[0].role_unique_id, found[0].user_group_unique_ids], [name, 'role-cp-manager', ['usergroup-north-coast']])

      await page.getByLabel('Position').fill('Team lead')
      await page.keyboard.press('Control+s')
      await until('the position is saved', async () => (await stored('users', found[0].id)).position === 'Team lead')
      await page.getByRole('button', { name: 'Disable', exact: true }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Disable', exact: true }).click()
      await until('the account is shut', async () => (await stored('users', found[0].id)).disabled)
      await go(page, '/settings/users?state=disabled')
      await page.getByRole('link', { name: 'Rana Tried' }).first().waitFor()
      assert.equal(await page.getByRole('link', { name: 'Salma Benari' }).count(), 0)
    }),

  'administration: whoever saves the same thing second is told, and sees the difference': () =>
    within(async (page) => {
      const { data: team } = await admin('/api/v2/user_groups', { method: 'POST', body: { data: { name: `Team ${fresh()}`, description: 'As it was' } } })
      await open(page, `/settings/groups/${team.id}`, team.name)
      const other = await admin(`/api/v2/user_groups/${team.id}`, { method: 'PATCH', body: { data: { description: 'Theirs' } } })
      assert.equal(other.status, 200)
      await page.getByLabel('Name (required)').fill(`${team.name} mine`)
      await page.getByLabel('Description').fill('Mine')
      await page.getByRole('button', { name: 'Save' }).click()
      const note = page.getByRole('alert', { name: 'Somebody else saved this meanwhile.' })
      await note.waitFor()
      assert.match(await note.locator('tbody').innerText(), /Description[\s\S]*Theirs[\s\S]*Mine/)
      assert.deepEqual(await accessibilityFaults(page), [])
      assert.equal((await stored('user_groups', team.id)).description, 'Theirs')
      await note.getByRole('button', { name: 'Take theirs' }).click()
      assert.equal(await page.getByLabel('Description').inputValue(), 'Theirs')
      await page.getByRole('button', { name: 'Save' }).click()
      await saved(page)
      const now = await stored('user_groups', team.id)
      assert.deepEqual([now.name, now.description], [`${team.name} mine`, 'Theirs'])
      // One's own second save is nobody else's.
      await page.getByLabel('Description').fill('Again')
      await page.getByRole('button', { name: 'Save' }).click()
      await until('it is saved again', async () => (await stored('user_groups', team.id)).description === 'Again')
    }),

  'administration: a role shows what it gives and takes, and how many it concerns, before it is saved': () =>
    within(async (page) => {
      const role = await unusedRole()
      await open(page, `/settings/roles/${role.id}`, role.name)
      await page.getByRole('searchbox', { name: 'Find a right' }).fill('transfer')
      await page.getByRole('group', { name: 'Cases' }).getByRole('switch').first().check()
      await page.getByRole('searchbox', { name: 'Find a right' }).fill('csv')
      await page.getByRole('group', { name: 'Cases' }).getByRole('switch', { checked: true }).first().uncheck()
      await page.getByLabel('Whose records').selectOption('self')
      await page.getByLabel(/^Right: Notes/).first().selectOption('rw')
      await page.getByRole('button', { name: /Look through and save/ }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('Users with this role: 0').waitFor()
      await dialog.getByRole('heading', { name: 'Taken away (1)' }).waitFor()
      await dialog.getByRole('heading', { name: 'Granted (1)' }).waitFor()
      await dialog.getByText('Notes: read → read and write').waitFor()
      assert.deepEqual(await accessibilityFaults(page), [])
      await dialog.getByRole('button', { name: 'Save' }).click()
      await saved(page)
      const now = await stored('roles', role.id)
      assert.deepEqual([now.group_permission, now.form_section_read_write.notes, now.permissions.case.includes('export_csv'), now.permissions.case.length], ['self', 'rw', false, 3])
    }, { bypassCSP: true }),

  'administration: what was typed survives a reload, leaving asks, and undo goes back': () =>
    within(async (page) => {
      const role = await unusedRole()
      await open(page, `/settings/roles/${role.id}`, role.name)
      await page.getByLabel('Description').fill('Half a thou')
      await page.waitForTimeout(400)
      await page.reload()
      await unlock(page)
      await heading(page, role.name)
      await until('the draft is back', async () => (await page.getByLabel('Description').inputValue()) === 'Half a thou')
      await page.getByRole('link', { name: 'Users', exact: true }).first().click()
      await page.getByRole('dialog', { name: 'Leave this page?' }).getByRole('button', { name: 'Stay' }).click()
      await heading(page, role.name)
      await page.getByRole('button', { name: 'Undo' }).click()
      assert.equal(await page.getByLabel('Description').inputValue(), '')
      await page.getByRole('button', { name: 'Redo' }).click()
      await page.getByRole('link', { name: 'Users', exact: true }).first().click()
      await page.getByRole('button', { name: 'Discard and leave' }).click()
      await heading(page, 'Users')
      await go(page, `/settings/roles/${role.id}`)
      await heading(page, role.name)
      await page.getByText('No changes.').waitFor()
      assert.equal((await stored('roles', role.id)).description ?? '', '')
    }),

  'administration: teams and agencies': () =>
    within(async (page) => {
      const mark = fresh()
      await open(page, '/settings/groups/new', 'New team')
      await page.getByLabel('Description').fill('Tried')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('alert').getByText(/Name: This has to be filled in/).waitFor()
      await page.getByLabel('Name (required)').fill(`Harbour ${mark}`)
      await page.getByRole('button', { name: 'Save' }).click()
      await heading(page, 'Teams')
      await page.getByRole('link', { name: `Harbour ${mark}`, exact: true }).click()
      await heading(page, `Harbour ${mark}`)
      await page.getByRole('checkbox', { name: /Out of use/ }).check()
      await page.getByRole('button', { name: 'Save' }).click()
      // The first save's word may still be on the screen.
      await until('the team is out of use', async () => {
        const groups = (await admin('/api/v2/user_groups')).data
        return groups.find((one) => one.name === `Harbour ${mark}`).disabled === true
      })

      await go(page, '/settings/agencies/new')
      await heading(page, 'New agency')
      await page.getByLabel('Code (required)').fill(`A${mark}`)
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('alert').getByText(/^Name: /).waitFor()
      await page.getByRole('group', { name: 'Name' }).getByLabel(/English/).fill(`Agency ${mark}`)
      await page.getByRole('group', { name: 'Name' }).getByLabel(/Français/).fill(`Organisation ${mark}`)
      await page.getByRole('button', { name: 'Save' }).click()
      await heading(page, 'Agencies')
      const agencies = (await admin('/api/v2/agencies?per=1000&page=1')).data
      assert.equal(agencies.find((one) => one.agency_code === `A${mark}`).name.fr, `Organisation ${mark}`)
    }),

  'administration: a list gets an option, another order, and an option out of use': () =>
    within(async (page) => {
      const mark = fresh()
      const values = ['red', 'green', 'blue'].map((id) => ({ id, display_text: { en: id, fr: `${id} fr` } }))
      const { data } = await admin('/api/v2/lookups', { method: 'POST', body: { data: { name: { en: `Colours ${mark}` }, values } } })
      await open(page, `/settings/lookups/${data.id}`, `Colours ${mark}`)
      await page.getByRole('button', { name: 'Down: red' }).click()
      await page.getByRole('button', { name: 'Remove: blue' }).click()
      await page.getByRole('checkbox', { name: 'Offered' }).first().uncheck()
      await page.getByRole('button', { name: 'Add an option' }).click()
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('alert').getByText(/^Option 3: /).first().waitFor()
      const last = page.getByRole('group', { name: 'Option 3' })
      await last.getByLabel(/English/).fill('Deep violet')
      await last.getByLabel(/العربية/).fill('بنفسجي')
      await page.getByRole('button', { name: 'Save' }).click()
      await saved(page)
      const now = (await stored('lookups', data.id)).values
      assert.deepEqual(now.map((one) => [one.id, one.disabled === true]), [['green', true], ['red', false], ['deep_violet', false]])
      assert.deepEqual([now[1].display_text.fr, now[2].display_text.ar], ['red fr', 'بنفسجي'])
    }),

  'administration: a place is added, and a table shows its faults by line before it is imported': () =>
    within(async (page) => {
      const mark = fresh().toUpperCase()
      await open(page, '/settings/locations/new', 'New place')
      await page.getByRole('group', { name: 'Name' }).getByLabel(/English/).fill(`Cove ${mark}`)
      await page.getByLabel('Code (required)').fill(`AMR01${mark}`)
      await page.getByLabel('Belongs to').selectOption('AMR01')
      await page.getByRole('button', { name: 'Save' }).click()
      await heading(page, 'Places')
      await page.getByRole('searchbox').fill(`Cove ${mark}`)
      await page.getByRole('link', { name: `Cove ${mark}` }).waitFor()

      await page.getByRole('link', { name: 'Import' }).click()
      await heading(page, 'Import')
      const csv = `#country+code,#country+name+en,#adm1+code,#adm1+name+en\nAMR,Amaria,X1${mark},East ${mark}\nAMR,Amaria,,South\nAMR,Amaria,A B,West\n`
      await page.getByLabel('Table (CSV)').setInputFiles({ name: 'places.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
      await page.getByText('Lines: 3 · new places: 1 · known places: 1 · lines with faults: 2').waitFor()
      await page.getByText('#adm1 code: This has to be filled in.').waitFor()
      await page.getByRole('button', { name: 'Import the lines without faults' }).click()
      await page.getByText('Taken in: 1 of 3 lines.').waitFor()
      await page.getByText(/Line 3:/).waitFor()
      await page.getByText(/Line 4:/).waitFor()
      const places = (await admin(`/api/v2/locations?per=1000&hierarchy=true`)).data
      assert.equal(places.find((one) => one.code === `X1${mark}`).placename.en, `East ${mark}`)
      await page.getByLabel('Table (CSV)').setInputFiles({ name: 'bare.csv', mimeType: 'text/csv', buffer: Buffer.from('Code,Name\nA,B\n') })
      await page.getByRole('alert').getByText(/bare.csv has no row of HXL tags/).waitFor()
    }),

  'administration: a form is built with its preview, and its impact is read before publishing': () =>
    within(async (page) => {
      const form = await unusedForm()
      await open(page, `/settings/forms/${form.id}`, `Tried form ${form.mark}`)
      const preview = page.locator('.phone-frame')
      await preview.getByLabel('First field').waitFor()
      assert.equal(await preview.getByLabel('Third field').count(), 0)
      await preview.getByLabel('First field').fill('yes')
      await preview.getByLabel('Third field').waitFor()

      await page.getByLabel('Label in English').fill('School name')
      await page.getByLabel('Kind', { exact: true }).selectOption('text_field')
      await page.getByRole('button', { name: 'Add field' }).click()
      await preview.getByLabel('School name').waitFor()
      await page.getByRole('checkbox', { name: 'Has to be filled in' }).check()
      await preview.getByLabel('School name (required)').waitFor()
      const label = page.getByRole('group', { name: 'Label', exact: true })
      await label.getByLabel(/Français/).fill('Nom de l’école')
      await page.getByRole('button', { name: 'Up: School name' }).click()
      await page.getByRole('button', { name: 'Remove: First field' }).click()
      assert.equal(await preview.getByLabel('First field').count(), 0)
      await page.getByRole('button', { name: 'Undo' }).click()
      await preview.getByLabel('First field').waitFor()
      await page.getByRole('button', { name: 'Redo' }).click()

      await page.getByRole('button', { name: /^Publish/ }).click()
      const report = page.getByRole('dialog')
      await report.getByText(/Roles that see this form: Superuser/).waitFor()
      await report.getByText(`First field (first_${form.mark})`).waitFor()
      await report.getByText(`Tried form ${form.mark}: Third field → first_${form.mark}`).waitFor()
      await report.getByText('School name (school_name)').waitFor()
      await report.getByText(/Records of this type within your reach: \d/).waitFor()
      await report.getByRole('button', { name: /^Publish/ }).click()
      await page.getByText('Published. Everybody gets').waitFor()
      const now = await stored('forms', form.id)
      const names = [...now.fields].sort((one, other) => one.order - other.order).map((one) => one.name)
      assert.deepEqual(names, [`second_${form.mark}`, 'school_name', `third_${form.mark}`])
      const school = now.fields.find((one) => one.name === 'school_name')
      assert.deepEqual([school.required, school.display_name.fr], [true, 'Nom de l’école'])
    }),

  'administration: a form is built by keyboard alone': () =>
    within(async (page) => {
      const form = await unusedForm()
      await open(page, `/settings/forms/${form.id}`, `Tried form ${form.mark}`)
      const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '')
      await page.getByLabel('Label in English').focus()
      await page.keyboard.type('By keys')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      const row = page.getByRole('button', { name: /^By keys/ })
      await row.waitFor()
      await row.focus()
      await page.keyboard.press('Tab')
      assert.equal(await focused(), 'Up: By keys')
      await page.keyboard.press('Enter')
      await page.keyboard.press('Enter')
      assert.match((await page.locator('.builder-row .pick').allInnerTexts())[1], /^By keys/)
      await page.keyboard.press('Control+z')
      await page.keyboard.press('Control+z')
      await page.keyboard.press('Control+z')
      assert.equal(await row.count(), 0)
      await page.keyboard.press('Control+Shift+z')
      await row.waitFor()
      await page.keyboard.press('Control+s')
      await page.getByRole('dialog', { name: 'What publishing changes' }).waitFor()
      await page.keyboard.press('Escape')
      assert.equal(await page.getByRole('dialog').count(), 0)
    }),

  'administration: a choice with options of its own, and skip logic, as they will be filled in': () =>
    within(async (page) => {
      const form = await unusedForm()
      await open(page, `/settings/forms/${form.id}`, `Tried form ${form.mark}`)
      await page.getByLabel('Label in English').fill('Colour')
      await page.getByLabel('Kind', { exact: true }).selectOption('select_box')
      await page.getByRole('button', { name: 'Add field' }).click()
      for (const [at, text] of [[1, 'Red'], [2, 'Green']]) {
        await page.getByRole('button', { name: 'Add an option' }).click()
        await page.getByRole('group', { name: `Option ${at}` }).getByLabel(/English/).fill(text)
      }
      await page.locator('summary', { hasText: 'When it is shown' }).last().click()
      await page.getByRole('button', { name: 'Add a condition' }).last().click()
      await page.getByLabel('Field', { exact: true }).selectOption(`second_${form.mark}`)
      await page.getByLabel('Value', { exact: true }).fill('open')
      const preview = page.locator('.phone-frame')
      assert.equal(await preview.getByLabel('Colour').count(), 0)
      await preview.getByLabel('Second field').fill('open')
      await preview.getByLabel('Colour').selectOption({ label: 'Green' })
      await page.getByRole('button', { name: /^Publish/ }).click()
      await page.getByRole('dialog').getByRole('button', { name: /^Publish/ }).click()
      await page.getByText('Published. Everybody gets').waitFor()
      const field = (await stored('forms', form.id)).fields.find((one) => one.name === 'colour')
      assert.deepEqual(field.option_strings_text.map((one) => one.id), ['red', 'green'])
      assert.deepEqual(field.display_conditions_record, { eq: { [`second_${form.mark}`]: 'open' } })
    }),

  'administration: a configuration is kept, compared with the present one, and applied again': () =>
    within(async (page) => {
      const mark = fresh()
      await open(page, '/settings/configurations', 'Configurations')
      await page.getByLabel('Name (required)').fill(`Before ${mark}`)
      await page.getByRole('button', { name: 'Keep the present configuration' }).click()
      await page.getByRole('link', { name: `Before ${mark}` }).waitFor()
      const lookup = (await admin('/api/v2/lookups', { method: 'POST', body: { data: { name: { en: `Extra ${mark}` }, values: [] } } })).data
      await page.getByRole('link', { name: `Before ${mark}` }).click()
      await page.getByRole('heading', { name: 'Removed (1)' }).waitFor()
      await page.getByText(`Extra ${mark}`).waitFor()
      await page.getByRole('button', { name: 'Apply', exact: true }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('checkbox', { name: 'I have read what changes.' }).check()
      await dialog.getByRole('button', { name: 'Apply', exact: true }).click()
      await page.getByText('Nothing: it is the same as what is in force.').waitFor({ timeout: 60_000 })
      assert.equal((await admin(`/api/v2/lookups/${lookup.id}`)).status, 404)
    }),

  'administration: the audit log is filtered by action and kind': () =>
    within(async (page) => {
      await open(page, '/settings/audit-log?action=create', 'Audit log')
      await page.getByLabel('On what').selectOption('role')
      await unusedRole()
      await page.getByLabel('User name').fill('admin')
      await until('only what was asked for', async () => {
        const rows = await page.locator('tbody tr').allInnerTexts()
        return rows.length > 0 && rows.every((row) => /create/.test(row) && /role/.test(row) && /admin/.test(row))
      })
    }),

  'administration: who may not administer sees none of it': () =>
    within(async (page) => {
      await signIn(page, 'salma')
      await go(page, '/settings')
      await heading(page, 'My account')
      assert.equal(await page.locator('.settings-nav a').count(), 1)
      await go(page, '/settings/users')
      await page.getByText('Your role does not allow this').first().waitFor()
    }),

  ...Object.fromEntries([['en', 1440], ['ar', 360]].flatMap(([language, width]) => Object.entries(PAGES).map(([part, paths]) => [
    `administration: every page of ${part} is accessible and fits the screen, ${language} on ${width} pixels`,
    () => within((page) => lookAt(page, paths, language, width), { bypassCSP: true, viewport: { width, height: 2400 } }),
  ]))),
}
