import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

/**
 * Writes `sw.js` with the list of files that this build is made of. The version is a hash over
 * their names and the page, so that a worker changes when, and only when, the app does.
 */
export function serviceWorker(): Plugin {
  const source = new URL('../src/app/sw.js', import.meta.url)
  return {
    name: 'amparo-service-worker',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const files = Object.keys(bundle).filter((name) => name.startsWith('assets/')).sort()
        const page = bundle['index.html']
        const text = page?.type === 'asset' ? String(page.source) : ''
        const version = createHash('sha256').update(files.join('\n') + text).digest('hex').slice(0, 16)
        const list = JSON.stringify(['/index.html', ...files.map((name) => `/${name}`)])
        this.emitFile({
          type: 'asset',
          fileName: 'sw.js',
          source: readFileSync(source, 'utf8').replace('__VERSION__', version).replace('__FILES__', list),
        })
      },
    },
  }
}
