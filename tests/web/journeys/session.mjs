import assert from 'node:assert/strict'
import { PASSWORD, api, newCase, signIn, unlock, until, url, within } from '../browser.mjs'
import { code } from '../totp.mjs'

export default {
  'wrong passwords are told apart from a missing network, and the page stays usable': () =>
    within(async (page, context) => {
      await page.goto(url)
      await page.getByLabel('User name').fill('salma')
      await page.getByLabel('Password').fill('nonsense')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('alert').getByText('is not right').waitFor()
      await context.setOffline(true)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('alert').getByText('cannot be reached').waitFor()
      await context.setOffline(false)
      await page.getByLabel('Password').fill(PASSWORD)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { level: 1, name: 'Hello, Salma Benari' }).waitFor()
    }),

  'language and direction are chosen before signing in and after it': () =>
    within(async (page) => {
      await page.goto(url)
      await page.getByLabel('Language').selectOption('ar')
      await page.getByRole('heading', { name: 'تسجيل الدخول' }).waitFor()
      assert.equal(await page.locator('html').getAttribute('dir'), 'rtl')
      await page.locator('input[autocomplete=username]').fill('salma')
      await page.locator('input[autocomplete=current-password]').fill(PASSWORD)
      await page.locator('form button').click()
      await page.getByRole('link', { name: 'الإعدادات' }).click()
      await page.getByLabel('اللغة').selectOption('fr')
      await page.getByRole('heading', { name: 'Mon compte' }).waitFor()
      assert.equal(await page.locator('html').getAttribute('dir'), 'ltr')
      await page.getByRole('button', { name: 'Se déconnecter' }).click()
      await page.getByRole('heading', { name: 'Se connecter' }).waitFor()
    }),

  'a lock opens with the password, without a network too': () =>
    within(async (page, context) => {
      await signIn(page)
      await page.getByRole('button', { name: 'Lock' }).click()
      await page.getByRole('heading', { name: 'Amparo is locked' }).waitFor()
      await context.setOffline(true)
      await page.getByLabel('Password').fill('nonsense')
      await page.getByRole('button', { name: 'Unlock' }).click()
      await page.getByRole('alert').waitFor()
      await unlock(page)
      await page.getByRole('heading', { name: /Hello/ }).waitFor()
      await context.setOffline(false)
    }),

  'an expired session asks again over the page, and what was typed stays': () =>
    within(async (page, context) => {
      const { id } = await newCase()
      await signIn(page)
      await page.goto(`${url}/cases/${id}/edit/basic_identity`)
      await unlock(page)
      await page.getByLabel('Nickname').fill('Nur before')
      await context.clearCookies({ name: '_app_session' })
      await page.getByRole('button', { name: 'Save' }).click()
      const dialog = page.getByRole('dialog', { name: 'Your session has ended' })
      await dialog.getByLabel('Password').fill(PASSWORD)
      await dialog.getByRole('button', { name: 'Go on' }).click()
      await dialog.waitFor({ state: 'detached' })
      await until('the change arrives', async () => (await api(`/api/v2/cases/${id}`)).data.name_nickname === 'Nur before', 30_000)
    }),

  'a second factor is set up and asked for': () =>
    within(async (page) => {
      const user = `factor${Date.now().toString(36)}`
      const roles = await api('/api/v2/roles', { user: 'admin' })
      const agency = (await api('/api/v2/agencies', { user: 'admin' })).data[0]
      const made = await api('/api/v2/users', {
        user: 'admin', method: 'POST',
        body: { data: {
          user_name: user, full_name: 'Second Factor', email: `${user}@example.org`, locale: 'en', password: PASSWORD, password_confirmation: PASSWORD,
          role_unique_id: roles.data.find((role) => role.unique_id === 'role-cp-case-worker').unique_id,
          agency_id: agency.id, user_group_unique_ids: ['usergroup-child-protection'],
        } },
      })
      assert.equal(made.status, 200, JSON.stringify(made))
      await signIn(page, user)
      await page.getByRole('link', { name: 'Settings' }).click()
      await page.getByRole('button', { name: 'Set up a second factor' }).click()
      const secret = (await page.locator('.secret').innerText()).replaceAll(' ', '')
      await page.getByLabel('Code').fill(code(secret))
      await page.getByRole('button', { name: 'Confirm' }).click()
      await page.getByText('Keep these recovery codes').waitFor()
      const [recovery] = await page.locator('.secret li').allInnerTexts()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByLabel('User name').fill(user)
      await page.getByLabel('Password').fill(PASSWORD)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByLabel('Code').fill('000000')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('alert').waitFor()
      await page.getByLabel('Code').fill(recovery)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: /Hello/ }).waitFor()
    }),

  'a role that demands a second factor lets people set it up first': () =>
    within(async (page) => {
      const name = `demanded${Date.now().toString(36)}`
      const [base] = (await api('/api/v2/roles', { user: 'admin' })).data.filter((role) => role.unique_id === 'role-cp-case-worker')
      const role = await api('/api/v2/roles', {
        user: 'admin', method: 'POST',
        body: { data: { name, group_permission: 'self', module_unique_ids: base.module_unique_ids, permissions: base.permissions, form_section_read_write: base.form_section_read_write, second_factor_required: true } },
      })
      assert.equal(role.status, 200, JSON.stringify(role))
      const agency = (await api('/api/v2/agencies', { user: 'admin' })).data[0]
      const made = await api('/api/v2/users', {
        user: 'admin', method: 'POST',
        body: { data: { user_name: name, full_name: 'Must Enrol', email: `${name}@example.org`, locale: 'en', password: PASSWORD, password_confirmation: PASSWORD, role_unique_id: role.data.unique_id, agency_id: agency.id, user_group_unique_ids: ['usergroup-child-protection'] } },
      })
      assert.equal(made.status, 200, JSON.stringify(made))
      await page.goto(url)
      await page.getByLabel('User name').fill(name)
      await page.getByLabel('Password').fill(PASSWORD)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: 'Your role needs a second factor' }).waitFor()
      await page.getByRole('button', { name: 'Set up a second factor' }).click()
      await page.getByLabel('Code').fill(code((await page.locator('.secret').innerText()).replaceAll(' ', '')))
      await page.getByRole('button', { name: 'Confirm' }).click()
      await page.getByRole('button', { name: 'Go on' }).click()
      await page.getByRole('heading', { name: 'Hello, Must Enrol' }).waitFor()
    }),
}
