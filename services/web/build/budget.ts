import { gzipSync } from 'node:zlib'
import type { Plugin, Rollup } from 'vite'

/** Kilobytes of script and style, by gzip: until somebody has signed in and opened the first case; all of it. */
const MOST = { first: 200, whole: 600 }
/** What is loaded on the way to the first case, besides the entry; cards come by themselves. */
const WAY = ['app/Inside', 'api/schemas', 'home/HomePage', 'app/RecordsFrame', 'lists/ListPage', 'record-pages/RecordPage', 'record-pages/OverviewPage', 'flags/FlagsCard', 'alerts/AlertsCard', 'tracing/TracesCard', 'i18n/locales/en']

type Bundle = Rollup.OutputBundle

/** Fails the build when the app has grown heavier than a cheap phone and a bad network should bear. */
export function budget(): Plugin {
  return {
    name: 'amparo-budget',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const first = kilobytes(bundle, wayOf(bundle))
        const whole = kilobytes(bundle, Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name)))
        this.info(`script and style to the first case: ${first.toFixed(1)} of ${MOST.first} kB, all of the app: ${whole.toFixed(1)} of ${MOST.whole} kB`)
        if (first > MOST.first || whole > MOST.whole) this.error('the app is too heavy: see build/budget.ts')
      },
    },
  }
}

/** The files of the way, with everything that they import at once. */
function wayOf(bundle: Bundle): Set<string> {
  const chunks = Object.values(bundle).filter((one) => one.type === 'chunk')
  const on = (id: string | null) => id !== null && WAY.some((part) => new RegExp(`/src/${part}\\.\\w+$`).test(id))
  const files = new Set<string>()
  const take = (chunk: Rollup.OutputChunk) => {
    if (files.has(chunk.fileName)) return
    files.add(chunk.fileName)
    for (const style of chunk.viteMetadata?.importedCss ?? []) files.add(style)
    for (const name of chunk.imports) {
      const next = bundle[name]
      if (next?.type === 'chunk') take(next)
    }
  }
  const found = chunks.filter((chunk) => chunk.isEntry || chunk.moduleIds.some(on))
  const lost = WAY.filter((part) => !found.some((chunk) => chunk.moduleIds.some((id) => id.includes(`/src/${part}.`))))
  if (lost.length > 0) throw new Error(`the budget measures files that are gone: ${lost.join(', ')}`)
  found.forEach(take)
  return files
}

const kilobytes = (bundle: Bundle, names: Iterable<string>): number =>
  [...names].reduce((sum, name) => {
    const file = bundle[name]
    const content = file?.type === 'chunk' ? file.code : (file?.source ?? '')
    return sum + gzipSync(content, { level: 9 }).length / 1000
  }, 0)
