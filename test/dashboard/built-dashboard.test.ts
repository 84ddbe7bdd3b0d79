import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { buildPage } from './built-page.ts'

const script = join(import.meta.dirname, '../../scripts/build-dashboard.js')
const mostBytes = 100_000

describe('the dashboard as it is built', () => {
  let built: ReturnType<typeof buildPage>
  before(() => {
    built = buildPage()
  })
  after(() => built[Symbol.dispose]())

  const files = (ending: string) => globSync(`**/*${ending}`, { cwd: built.folder })

  it('is less than 100 kB in all, scripts, styles and page, as gzip sends them', (t) => {
    const sizes = files('.gz').map((path) => [path, statSync(join(built.folder, path)).size] as const)
    const all = sizes.reduce((sum, [, bytes]) => sum + bytes, 0)
    for (const [path, bytes] of sizes) t.diagnostic(`${path}: ${bytes} bytes`)
    t.diagnostic(`in all: ${all} bytes`)
    assert.ok(sizes.length >= 5)
    assert.ok(all < mostBytes, `${all} bytes`)
  })

  it('has beside each file the same compressed, twice', () => {
    for (const path of files('.{html,js,css,svg}')) {
      const bytes = readFileSync(join(built.folder, path))
      assert.deepEqual(gunzipSync(readFileSync(join(built.folder, `${path}.gz`))), bytes, path)
      assert.deepEqual(brotliDecompressSync(readFileSync(join(built.folder, `${path}.br`))), bytes, path)
    }
  })

  it('names its files relative to the page, so that it works behind a prefix, and nobody else', () => {
    const page = readFileSync(join(built.folder, 'index.html'), 'utf8')
    const named = Array.from(page.matchAll(/(?:src|href)="([^"]+)"/g), ([, address]) => address ?? '')
    assert.ok(named.length >= 4)
    for (const address of named) assert.match(address, /^(\.\/|docs$)/)
    assert.doesNotMatch(page, /<style|style=|<script>|javascript:|\son\w+=/)
    for (const path of files('.{js,css}')) {
      // The namespaces of SVG and MathML, and addresses in messages, are never asked.
      const text = readFileSync(join(built.folder, path), 'utf8')
      const addresses = text.match(/https?:\/\/[^"'`\s)]+/g) ?? []
      assert.deepEqual(
        addresses.filter((address) => !address.startsWith('http://www.w3.org/')),
        [],
        path,
      )
    }
  })
})

describe('the build of the dashboard', () => {
  it('is left out, and says so, where the packages for development are not installed', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'co2-api-bare-'))
    t.after(() => rmSync(folder, { recursive: true }))
    copyFileSync(script, join(folder, 'build-dashboard.js'))
    const build = spawnSync(process.execPath, [join(folder, 'build-dashboard.js')], { encoding: 'utf8' })
    assert.equal(build.status, 0)
    assert.match(
      build.stdout,
      /The dashboard is not built, since the packages for development are not installed/,
    )
  })
})
