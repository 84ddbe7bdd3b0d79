import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseZoneParts, readZoneDirectory } from './zones.ts'

const zones = readZoneDirectory()
const countries = zones.all().filter(({ code, country }) => code === country)
const partsOf = (code: string) => zones.all().find((zone) => zone.code === code)?.parts

describe('the directory of zones', () => {
  it('has the 249 countries of ISO 3166-1, and Kosovo', () => {
    assert.equal(countries.length, 250)
    assert.deepEqual(zones.find('xk'), { kind: 'known', zone: 'XK', name: 'Kosovo' })
  })

  it('names a country in English, by the first of its names', () => {
    assert.deepEqual(zones.find('de'), { kind: 'known', zone: 'DE', name: 'Germany' })
    assert.deepEqual(zones.find('US'), { kind: 'known', zone: 'US', name: 'United States of America' })
  })

  it('knows the United Kingdom and Greece by both of their codes', () => {
    for (const code of ['GB', 'UK']) {
      assert.deepEqual(zones.find(code), { kind: 'known', zone: 'GB', name: 'United Kingdom' })
    }
    for (const code of ['GR', 'EL']) {
      assert.deepEqual(zones.find(code), { kind: 'known', zone: 'GR', name: 'Greece' })
    }
  })

  it('has 147 parts of countries, in any case', () => {
    assert.equal(zones.all().length - countries.length, 147)
    for (const [given, zone, name] of [
      ['dk-dk1', 'DK-DK1', 'Denmark west of the Great Belt'],
      ['SE-SE3', 'SE-SE3', 'South-central Sweden (SE3)'],
      ['No-nO2', 'NO-NO2', 'South-western Norway (NO2)'],
      [' it-no ', 'IT-NO', 'Northern Italy'],
      ['us-cal-ciso', 'US-CAL-CISO', 'California ISO'],
      ['gb-nir', 'GB-NIR', 'Northern Ireland'],
      ['au-nsw', 'AU-NSW', 'New South Wales'],
    ] as const) {
      assert.deepEqual(zones.find(given), { kind: 'known', zone, name })
    }
  })

  it('lists the parts of a country with it', () => {
    assert.deepEqual(partsOf('SE'), ['SE-SE1', 'SE-SE2', 'SE-SE3', 'SE-SE4'])
    assert.deepEqual(partsOf('GB'), ['GB-NIR', 'GB-ORK'])
    assert.deepEqual(partsOf('DE'), [])
    assert.deepEqual(partsOf('SE-SE1'), [])
  })

  it('has each part in a country that it knows', () => {
    const codes = new Set(countries.map(({ code }) => code))
    for (const { code, country } of zones.all()) assert.ok(codes.has(country), code)
  })

  it('does not know what is no zone', () => {
    for (const given of ['EU', 'ZZ', 'DEU', 'DE-BY', 'toString', '__proto__']) {
      assert.deepEqual(zones.find(given), { kind: 'unknown', given })
    }
  })
})

describe('a table of parts of countries', () => {
  it('is refused when a row cannot be read', () => {
    for (const row of [',Bornholm,DK', 'DK-BHM,,DK', 'DK-BHM,Bornholm,', 'DK-BHM,Bornholm,SE']) {
      assert.throws(() => parseZoneParts(`code,name,country\n${row}\n`), /zones: unreadable row/)
    }
  })

  it('is refused when its columns are not the known ones', () => {
    assert.throws(() => parseZoneParts('code,name\n'), /zones: the header is not code,name,country/)
  })
})
