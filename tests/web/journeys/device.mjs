import assert from 'node:assert/strict'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { api, newCase, profile, signIn, unlock, until, url, watch, within } from '../browser.mjs'

async function edit(page, id, section = 'basic_identity') {
  await page.goto(`${url}/cases/${id}/edit/${section}`)
  await unlock(page)
  await page.locator('form.form').waitFor()
}

const kept = (page) => page.getByText(/kept on this device/).first().waitFor()

/** The app's files are kept by then, so that it opens without a network. */
const ready = (page) => page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))

export default {
  'a draft survives a reload, another sign-in, and a browser that is killed': async () => {
    const own = await profile()
    const { id } = await newCase()
    try {
      let context = await own.open()
      let page = await context.newPage()
      await signIn(page)
      await edit(page, id)
      await page.getByLabel('Nickname').fill('Half written')
      await kept(page)
      await page.reload()
      await unlock(page)
      assert.equal(await page.getByLabel('Nickname').inputValue(), 'Half written')
      await page.getByLabel('Other names or spellings').fill('Before the crash')
      await page.waitForTimeout(600)
      const crash = await context.browser()?.newBrowserCDPSession().catch(() => null)
      if (crash) await crash.send('Browser.crash').catch(() => undefined)
      await context.close().catch(() => undefined)
      context = await own.open()
      page = await context.newPage()
      const faults = watch(page)
      await edit(page, id)
      assert.equal(await page.getByLabel('Nickname').inputValue(), 'Half written')
      assert.equal(await page.getByLabel('Other names or spellings').inputValue(), 'Before the crash')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Saved and sent.').waitFor()
      assert.equal((await api(`/api/v2/cases/${id}`)).data.name_other, 'Before the crash')
      assert.deepEqual(faults, [])
      await context.close()
    } finally {
      await own.remove()
    }
  },

  'without a network a case is opened, changed and handed in, and sent when the network is back': () =>
    within(async (page, context) => {
      const { id } = await newCase({ address_current: 'Old place' })
      await signIn(page)
      await page.goto(`${url}/cases/${id}`)
      await unlock(page)
      await page.getByText('Old place').waitFor()
      await ready(page)
      await context.setOffline(true)
      await page.reload()
      await unlock(page)
      await page.getByText('Old place').waitFor()
      await page.getByText('Without a network').waitFor()
      await page.locator('.card-head', { hasText: 'Location and contact' }).getByRole('link', { name: /Edit/ }).click()
      await page.getByLabel('Current address').fill('New place')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('It is sent as soon as there is a network').waitFor()
      await page.getByText('New place').waitFor()
      await page.getByRole('link', { name: /Outbox/ }).click()
      await page.getByText(/You changed Current address of case/).waitFor()
      await page.reload()
      await unlock(page)
      await page.getByText(/You changed Current address of case/).waitFor()
      assert.equal((await api(`/api/v2/cases/${id}`)).data.address_current, 'Old place')
      await context.setOffline(false)
      await page.getByText('Everything is sent.').waitFor({ timeout: 20_000 })
      assert.equal((await api(`/api/v2/cases/${id}`)).data.address_current, 'New place')
    }),

  'a case is registered without a network, and arrives once': () =>
    within(async (page, context) => {
      const name = `Born${Date.now().toString(36)} Offline`
      await signIn(page)
      await page.getByRole('link', { name: 'Cases', exact: true }).click()
      await page.locator('.row-link').first().waitFor()
      await page.getByRole('link', { name: 'New case' }).click()
      await ready(page)
      await page.waitForTimeout(500)
      await context.setOffline(true)
      await page.getByLabel('The child’s name').fill(name)
      await page.getByText('only what is on this device was looked at').waitFor()
      await page.getByRole('button', { name: /^Begin/ }).click()
      await page.locator('form.form').waitFor()
      await page.getByLabel('Sex (required)').selectOption('male')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('It is sent as soon as there is a network').waitFor()
      const id = /cases\/([0-9a-f-]{36})/.exec(page.url())[1]
      await page.locator('.case-head').waitFor()
      // Whoever registers the same child again sees that it waits here already.
      await page.evaluate(() => history.pushState({}, '', '/cases/new'))
      await page.getByLabel('The child’s name').fill(name)
      await page.getByRole('region', { name }).getByText('Waits on this device').waitFor()
      // The answer to the first try is lost on its way.
      let lost = 0
      await context.route('**/api/v2/cases', async (route) => {
        if (route.request().method() !== 'POST' || lost > 0) return route.continue()
        lost += 1
        await route.fetch()
        return route.abort()
      })
      await context.setOffline(false)
      await until('it is sent', async () => (await api(`/api/v2/cases/${id}`)).status === 200, 30_000)
      await page.getByRole('link', { name: /Outbox/ }).click()
      await page.getByText('Everything is sent.').waitFor({ timeout: 30_000 })
      assert.equal(lost, 1)
      const found = await api(`/api/v2/cases?query=${encodeURIComponent(name)}&phonetic=true&fields=short`)
      assert.equal(found.data.filter((row) => row.name === name).length, 1)
    }),

  'what the server refuses stays in the outbox with its reason, until somebody decides': () =>
    within(async (page, context) => {
      const { id } = await newCase({ age: 5 })
      await signIn(page)
      await edit(page, id)
      await ready(page)
      await context.setOffline(true)
      await page.getByLabel('Age', { exact: true }).fill('300')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('It is sent as soon as there is a network').waitFor()
      await page.getByRole('link', { name: /Outbox/ }).click()
      await context.setOffline(false)
      await page.getByText(/Age: .*between 0 and 130/).waitFor({ timeout: 20_000 })
      await page.getByRole('button', { name: 'Look and change' }).click()
      await page.getByRole('link', { name: 'Edit', exact: true }).first().click()
      await page.getByLabel('Age', { exact: true }).fill('6')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Saved and sent.').waitFor()
      assert.equal((await api(`/api/v2/cases/${id}`)).data.age, 6)
    }),

  'another person on the same device neither sees nor destroys unsent work': () =>
    within(async (page, context) => {
      const { id } = await newCase()
      await signIn(page)
      await edit(page, id)
      await page.getByLabel('Nickname').fill('Only mine')
      await kept(page)
      await page.getByRole('link', { name: 'Settings' }).click()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
      await signIn(page, 'awa')
      await page.getByRole('link', { name: /Outbox/ }).click()
      await page.getByText('Everything is sent.').waitFor()
      await page.getByRole('link', { name: 'Settings' }).click()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
      await signIn(page)
      await page.getByText('1 piece of your work is only on this device').waitFor()
      await page.getByRole('link', { name: /Outbox/ }).click()
      await page.getByText('You changed Nickname of case').waitFor()
    }),

  'nothing that was read or written lies in clear on the device': async () => {
    const markers = Array.from({ length: 200 }, (_, at) => `Marker${at}x${Math.random().toString(36).slice(2, 10)}`)
    const own = await profile()
    try {
      const [first, last, ...rest] = markers
      const { id } = await newCase({
        name_first: first, name_last: last, name_nickname: rest[0], address_current: rest[1], background_notes: rest[2],
        notes_section: rest.slice(3, 100).map((text) => ({ note_subject: text, note_text: text })),
      })
      const context = await own.open()
      const page = await context.newPage()
      await signIn(page)
      await page.getByRole('link', { name: 'Cases', exact: true }).click()
      await page.getByRole('searchbox').fill(`${first} ${last}`)
      await page.locator('.row-link', { hasText: first }).first().click()
      await page.getByText(rest[1]).waitFor()
      await page.goto(`${url}/cases/${id}/edit/background`)
      await unlock(page)
      const area = page.locator('textarea').first()
      for (const text of rest.slice(100, 197)) await area.fill(text)
      await kept(page)
      await context.setOffline(true)
      await page.locator('textarea').first().fill(rest[197])
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('It is sent as soon as there is a network').waitFor()
      await page.getByRole('link', { name: /Outbox/ }).click()
      await page.waitForTimeout(500)
      await context.close()
      const found = await inClear(own.folder, markers)
      assert.deepEqual(found, [])
    } finally {
      await own.remove()
    }
  },
}

/** Markers in any file of the profile, as UTF-8 or UTF-16, wherever they begin. */
async function inClear(folder, markers) {
  const sought = markers.flatMap((marker) => ['utf8', 'utf16le'].map((encoding) => ({ marker, bytes: Buffer.from(marker, encoding) })))
  const found = []
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const content = await readFile(path).catch(() => Buffer.alloc(0))
    for (const { marker, bytes } of sought) if (content.includes(bytes)) found.push(`${marker} in ${path.slice(folder.length)}`)
  }
  return found
}
