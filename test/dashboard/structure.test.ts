import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, posix } from 'node:path'
import { describe, it } from 'node:test'

const sources = globSync('dashboard/src/**/*.{ts,tsx}').filter((path) => !path.endsWith('.test.ts'))
const textOf = (path: string) => readFileSync(path, 'utf8')
const importsOf = (path: string) =>
  Array.from(textOf(path).matchAll(/(?:\bfrom\s+|\bimport\()'([^']+)'/g), ([, to]) => to ?? '')
const folderOf = (path: string) => posix.dirname(posix.relative('dashboard/src', path))

/** What each folder may import from besides itself; `page` and `shell` stand above all. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  figures: ['address'],
  address: [],
  api: ['address', 'figures', '.'],
  charts: ['api', 'figures', '.'],
  parts: ['address', 'api', 'charts', 'figures', '.'],
  views: ['address', 'api', 'charts', 'figures', 'parts', '.'],
}

describe('the sources of the dashboard', () => {
  it('know nothing of the service but its API', () => {
    assert.ok(sources.length > 40)
    for (const path of sources) {
      for (const to of importsOf(path).filter((each) => each.startsWith('.'))) {
        const resolved = posix.join(posix.dirname(path), to)
        assert.ok(resolved.startsWith('dashboard/src/'), `${path} imports ${to}`)
      }
    }
  })

  it('import one way: figures and addresses, the API, charts, parts, views', () => {
    for (const path of sources) {
      const rule = allowed[folderOf(path)]
      if (rule === undefined) continue
      for (const to of importsOf(path).filter((each) => each.startsWith('.'))) {
        const folder = folderOf(posix.join(posix.dirname(path), to))
        assert.ok(folder === folderOf(path) || rule.includes(folder), `${path} imports ${to}`)
      }
    }
  })

  it('keep figures pure: no browser, no package, no clock', () => {
    const pure = sources.filter((path) => folderOf(path) === 'figures')
    assert.ok(pure.length > 12)
    for (const path of pure) {
      const outside = importsOf(path).filter((to) => !to.startsWith('.'))
      assert.deepEqual(outside, [], path)
      assert.doesNotMatch(textOf(path), /\bdocument\.|\bfetch\(|\bDate\.now\b|\bglobalThis\b/, path)
    }
  })

  it('are named in kebab-case, and export what they are imported for', () => {
    for (const path of sources) {
      assert.match(basename(path), /^[a-z0-9]+(-[a-z0-9]+)*\.tsx?$/, path)
      assert.doesNotMatch(
        textOf(path),
        /^export default\b|\bas any\b|[\w)\]]!\.|dangerouslySetInnerHTML/m,
        path,
      )
    }
  })
})
