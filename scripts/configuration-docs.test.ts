import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { settings } from '../src/settings.ts'
import { configurationDocs } from './configuration-docs.ts'

describe('the documentation of the configuration', () => {
  const page = configurationDocs(settings)

  it('is up to date', () => {
    const written = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8')
    assert.ok(written === page, 'docs/configuration.md is out of date; run npm run docs')
  })

  it('has a row for every setting, and only one', () => {
    const rows = Array.from(page.matchAll(/^\| `([A-Z0-9_]+)` \|/gm), ([, name]) => name)
    assert.equal(rows.length, Object.keys(settings).length)
    assert.deepEqual(new Set(rows), new Set(Object.values(settings).map(({ name }) => name)))
  })

  it('has four cells in every row, whatever stands in them', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('|'))
    assert.ok(rows.length > Object.keys(settings).length)
    for (const row of rows) assert.equal(row.match(/(?<!\\)\|/g)?.length, 5, row)
  })

  it('shows types, defaults and meanings as tables show them', () => {
    assert.ok(page.includes('| `MODE` | `local` \\| `db` | `local` | Where measurements live: '))
    assert.ok(page.includes('| `CHROME_BIN` | path | none | '))
    assert.ok(page.includes('| `EXPORTER_TIMEOUT` | integer seconds | `SAMPLE_INTERVAL`, at most 10 | '))
  })

  it('says what happens with a value that is not accepted', () => {
    assert.match(page, /A value that is not accepted stops the start/)
  })
})
