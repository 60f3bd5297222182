import assert from 'node:assert/strict'
import { accessibilityFaults, api, newCase, overflow, signIn, unlock, until, url, within } from '../browser.mjs'

const rows = (page) => page.locator('.row-link')
const total = (page) => page.locator('.list-total').innerText()

async function openList(page) {
  await signIn(page)
  await page.getByRole('link', { name: 'Cases', exact: true }).click()
  await rows(page).first().waitFor()
}

export default {
  'rows are chosen by keyboard or touch, and kept on the device': () =>
    within(async (page, context) => {
      const { id } = await newCase({ name_first: 'Pinned' })
      await signIn(page, 'awa')
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
      await page.getByRole('link', { name: 'Cases', exact: true }).click()
      await rows(page).first().waitFor()
      await page.locator(`[data-id="${id}"] a`).focus()
      await page.keyboard.press('x')
      await page.getByText('1 selected').waitFor()
      await page.locator('.row-tick').nth(1).click()
      await page.getByText('2 selected').waitFor()
      assert.deepEqual(await accessibilityFaults(page), [])
      await page.locator('.row-tick').nth(1).click()
      await page.getByRole('button', { name: 'Keep on this device' }).click()
      await page.getByText('1 is kept on this device').waitFor({ timeout: 60_000 })
      await context.setOffline(true)
      await page.evaluate((to) => history.pushState({}, '', to), `/cases/${id}`)
      await page.getByRole('heading', { level: 1, name: 'Pinned Child' }).waitFor()
      await page.getByText('Without a network: this is how it was').waitFor()
    }),

  'filters are saved by a name, taken again, and forgotten': () =>
    within(async (page) => {
      const name = `Girls ${Date.now().toString(36)}`
      await signIn(page)
      await page.goto(`${url}/cases?sex=female&sort=-age`)
      await unlock(page)
      await page.getByRole('button', { name: 'Saved searches' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Save these filters as').fill(name)
      await dialog.getByRole('button', { name: 'Save', exact: true }).click()
      await dialog.getByRole('button', { name, exact: true }).waitFor()
      assert.deepEqual(await accessibilityFaults(page), [])
      await page.keyboard.press('Escape')
      await page.getByRole('link', { name: 'Cases', exact: true }).click()
      await page.getByRole('button', { name: 'Saved searches' }).click()
      await dialog.getByRole('button', { name, exact: true }).click()
      await until('the address is that of the search', () => new URL(page.url()).search === '?sex=female&sort=-age')
      await page.getByRole('button', { name: 'Saved searches' }).click()
      await dialog.getByRole('button', { name: `Forget: ${name}` }).click()
      await dialog.getByRole('button', { name, exact: true }).waitFor({ state: 'detached' })
    }),

  'filters count at once, stand in the address, and survive a reload and Back': () =>
    within(async (page) => {
      await openList(page)
      const before = await total(page)
      await page.getByRole('button', { name: /Filters/ }).click()
      await page.locator('summary', { hasText: /^Sex/ }).click()
      await page.getByRole('checkbox', { name: 'Female' }).check()
      await until('fewer cases', async () => (await total(page)) !== before)
      const filtered = await total(page)
      assert.match(page.url(), /sex=female/)
      await page.getByRole('button', { name: 'Done' }).click()
      const expected = await api('/api/v2/cases?fields=short&per=1&status=open&record_state=true&sex=female')
      assert.match(filtered, new RegExp(`^${expected.metadata.total} case`))
      await page.reload()
      await unlock(page)
      await rows(page).first().waitFor()
      assert.equal(await total(page), filtered)
      await page.getByRole('button', { name: /Sex:/ }).click()
      await until('all cases again', async () => (await total(page)) === before)
    }),

  'a name, an id and a phone number are found in one box, with the reason, and never stand in the address': () =>
    within(async (page) => {
      const made = await newCase({ name_first: 'Zulaikha', name_last: 'Qandahari', telephone_current: '+998711234567' })
      await openList(page)
      const box = page.getByRole('searchbox')
      for (const [typed, reason] of [['Zuleikha Kandahari', /./], [made.short_id, /number/], ['+998 71 123 45 67', /number/]]) {
        await box.fill(typed)
        const reasons = rows(page).filter({ hasText: 'Zulaikha' }).locator('.row-reason')
        await until(`${typed} is found`, async () => reason.test((await reasons.allInnerTexts()).join()))
        assert.doesNotMatch(decodeURIComponent(page.url()), /Zul|9987/)
      }
      const address = page.url()
      await rows(page).first().click()
      await page.locator('.case-head').waitFor()
      assert.equal(await page.title(), 'Amparo')
      await page.goBack()
      await until('the search is there again', async () => (await box.inputValue()) !== '')
      assert.equal(page.url(), address)
    }),

  'the list is worked by keyboard: slash, arrows, Enter': () =>
    within(async (page) => {
      await openList(page)
      await page.keyboard.press('/')
      assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('type')), 'search')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      await page.locator('.case-head').waitFor()
      assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1')
    }),

  'more rows come as one scrolls': () =>
    within(async (page) => {
      await signIn(page, 'awa')
      await page.goto(`${url}/cases`)
      await unlock(page)
      await rows(page).first().waitFor()
      const all = Number((await total(page)).replace(/\D/g, ''))
      assert.ok(all > 40, `${all}`)
      for (let step = 0; step < 10 && (await rows(page).count()) < all; step += 1) {
        await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
        await page.waitForTimeout(400)
      }
      assert.equal(await rows(page).count(), all)
    }),

  'names are hidden with one touch and stay hidden': () =>
    within(async (page) => {
      await newCase({ name_first: 'Hidden', name_last: 'Person' })
      await openList(page)
      await rows(page).filter({ hasText: 'Hidden Person' }).first().waitFor()
      await page.getByRole('button', { name: 'Hide names' }).click()
      assert.equal(await rows(page).filter({ hasText: 'Hidden Person' }).count(), 0)
      await page.reload()
      await unlock(page)
      await rows(page).first().waitFor()
      assert.equal(await rows(page).filter({ hasText: 'Hidden Person' }).count(), 0)
    }),

  'a new case: a look for the child first, then the form with the name in it': () =>
    within(async (page) => {
      const last = `Doublon${Array.from({ length: 5 }, () => 'abcdefgh'[Math.floor(Math.random() * 8)]).join('')}`
      const known = await newCase({ name_first: 'Samira', name_last: last, age: 7, sex: 'male' })
      await openList(page)
      await page.getByRole('link', { name: 'New case' }).click()
      await page.getByLabel('The child’s name').fill(`Samira ${last}`)
      const found = page.getByRole('region', { name: `Samira ${last}` }).first()
      await found.waitFor()
      await page.getByLabel('Age', { exact: true }).fill('٧')
      await page.getByLabel('Sex (required)').selectOption('female')
      await found.getByText(/likely the same/i).waitFor()
      // While the next answer is on its way, the former one is dimmed.
      await page.locator('.similar[data-dimmed=false]').waitFor()
      assert.deepEqual(await accessibilityFaults(page), [])
      await found.getByRole('button', { name: /^Compare/ }).click()
      const compared = page.getByRole('dialog', { name: 'Compare' })
      // What differs comes first.
      assert.match(await compared.locator('tbody tr').first().innerText(), /Sex[\s\S]*Female[\s\S]*Male[\s\S]*differs/i)
      assert.deepEqual(await accessibilityFaults(page), [])
      assert.equal(await compared.getByRole('link', { name: 'It is the same: open it' }).getAttribute('href'), `/cases/${known.id}`)
      await compared.getByRole('button', { name: 'It is somebody else' }).click()
      await page.getByRole('button', { name: /None of these/ }).click()
      await page.getByLabel('First name (required)').waitFor()
      assert.equal(await page.getByLabel('First name (required)').inputValue(), 'Samira')
      assert.equal(await page.getByLabel('Age', { exact: true }).inputValue(), '7')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Saved and sent.').waitFor()
      const id = /cases\/([0-9a-f-]{36})/.exec(page.url())[1]
      const { data } = await api(`/api/v2/cases/${id}`)
      assert.deepEqual([data.name, data.age, data.sex], [`Samira ${last}`, 7, 'female'])
    }),

  'every page is accessible and fits the screen, in both directions and on both screens': () =>
    within(async (page) => {
      const { id } = await newCase({ services_section: [{ service_type: 'health' }] })
      const faults = []
      const look = async (name) => {
        await page.waitForTimeout(350)
        faults.push(...(await accessibilityFaults(page)).map((fault) => `${name}: ${fault}`))
        const over = await overflow(page)
        if (over > 0) faults.push(`${name}: ${over} pixels too wide`)
      }
      const go = (path) => page.evaluate((to) => { history.pushState({}, '', to); dispatchEvent(new PopStateEvent('popstate')) }, path)
      for (const [language, width] of [['en', 1280], ['ar', 360]]) {
        await page.setViewportSize({ width, height: 780 })
        await page.goto(url)
        if (await page.locator('.gate-card .button-plain').count()) await page.locator('.gate-card .button-plain').click()
        await look(`${language} sign in`)
        await signIn(page, 'admin', { language })
        await look(`${language} home`)
        for (const path of ['/cases?status=open', `/cases/${id}`, `/cases/${id}/section/services`, `/cases/${id}/edit/services`, `/cases/${id}/edit/basic_identity`, `/cases/${id}/history`, `/cases/${id}/access`, '/cases/new', '/outbox', '/settings', '/settings/users', '/settings/roles', '/settings/forms', '/settings/audit-log', '/nowhere']) {
          await go(path)
          await page.locator('h1').first().waitFor()
          await look(`${language} ${path.replace(id, 'ID')}`)
        }
        await page.locator('.rail button').last().click()
        await page.locator('.gate').waitFor()
        await look(`${language} locked`)
      }
      assert.deepEqual(faults, [])
    }, { bypassCSP: true }),
}
