import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createCountryDirectory } from './iso-countries.ts'

const countries = createCountryDirectory()

describe('the directory of countries', () => {
  it('has the 249 countries of ISO 3166-1, and Kosovo', () => {
    assert.equal(countries.all().length, 250)
    assert.deepEqual(countries.find('xk'), { kind: 'known', zone: 'XK', name: 'Kosovo' })
  })

  it('names a country in English, by the first of its names', () => {
    assert.deepEqual(countries.find('de'), { kind: 'known', zone: 'DE', name: 'Germany' })
    assert.deepEqual(countries.find('US'), { kind: 'known', zone: 'US', name: 'United States of America' })
  })

  it('knows the United Kingdom and Greece by both of their codes', () => {
    for (const code of ['GB', 'UK']) {
      assert.deepEqual(countries.find(code), { kind: 'known', zone: 'GB', name: 'United Kingdom' })
    }
    for (const code of ['GR', 'EL']) {
      assert.deepEqual(countries.find(code), { kind: 'known', zone: 'GR', name: 'Greece' })
    }
  })

  it('does not know what is no country', () => {
    for (const given of ['EU', 'ZZ', 'DEU', 'toString', '__proto__']) {
      assert.deepEqual(countries.find(given), { kind: 'unknown', given })
    }
  })
})
