// Leaves a .br and a .gz beside each file of the build that is worth it; the gateway serves them.
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const dist = fileURLToPath(new URL('../dist', import.meta.url))
for (const name of readdirSync(dist, { recursive: true })) {
  const path = join(dist, String(name))
  if (!/\.(js|css|html|json|svg|webmanifest)$/.test(path) || statSync(path).size < 1000) continue
  const plain = readFileSync(path)
  writeFileSync(`${path}.gz`, gzipSync(plain, { level: 9 }))
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length }
  writeFileSync(`${path}.br`, brotliCompressSync(plain, { params }))
}
