import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createFactBook } from '../../intensity/fact-book.ts'
import { instant } from '../../units.ts'
import { readZoneDirectory } from '../zones/zones.ts'
import { parseAnnualAverages, readAnnualAverages } from './annual-averages.ts'

const header = 'iso2,iso3,country,year,g_co2e_per_kwh,source\n'
const startOf2025 = Date.UTC(2025, 0, 1)

describe('a table of annual averages', () => {
  it('gives one fact for all time when a country has one row', () => {
    assert.deepEqual(parseAnnualAverages(`${header}XK,XKX,Kosovo,2024,958.72,co2js\n`), [
      {
        zone: 'XK',
        valid: { from: -Infinity, to: Infinity },
        intensity: 958.72,
        source: 'ember-annual',
        method: { kind: 'annual-average', year: 2024 },
        signal: 'average',
        basis: 'lifecycle',
        rank: 1000,
        learnedAt: -Infinity,
      },
    ])
  })

  it('lets each row hold until the next row of its country begins, in whatever order they stand', () => {
    const rows = 'DE,DEU,Germany,2025,334.1,a\nFR,FRA,France,2024,44.18,b\nDE,DEU,Germany,2024,342.06,b\n'
    const german = parseAnnualAverages(header + rows).filter(({ zone }) => zone === 'DE')
    assert.deepEqual(
      german.map(({ valid, intensity }) => [valid.from, valid.to, intensity]),
      [
        [-Infinity, startOf2025, 342.06],
        [startOf2025, Infinity, 334.1],
      ],
    )
  })

  it('is refused when a row cannot be read', () => {
    const unreadable = [',DEU,Germany,2025,334.1,a', 'DE,DEU,Germany,soon,334.1,a', 'DE,DEU,Germany,,334.1,a']
    for (const figure of ['', 'n/a', '-1', '2001']) unreadable.push(`DE,DEU,Germany,2025,${figure},a`)
    for (const row of unreadable) {
      assert.throws(() => parseAnnualAverages(`${header}${row}\n`), /annual averages: unreadable row/)
    }
  })

  it('is refused when its columns are not the known ones', () => {
    assert.throws(
      () => parseAnnualAverages('zone,year\nDE,2025\n'),
      /annual averages: the header is not iso2,/,
    )
  })
})

describe('the annual averages that ship', () => {
  const source = readAnnualAverages()
  const book = createFactBook()
  book.add(source.facts)
  const at = (zone: string, iso: string) => book.latest(zone, instant(Date.parse(iso)))

  it('cover 208 countries, each of them in the directory under that code', () => {
    const countries = readZoneDirectory()
    assert.equal(source.zones().length, 208)
    for (const zone of source.zones()) {
      const found = countries.find(zone)
      assert.equal(found.kind === 'known' && found.zone, zone)
    }
  })

  it('know one figure at every time, from 2022 to 2025', () => {
    for (const zone of source.zones()) {
      for (const time of ['1990-01-01', '2024-07-01', '2025-07-01', '2099-01-01']) {
        const { method } = at(zone, time) ?? assert.fail(`${zone} is unknown at ${time}`)
        assert.ok(method.kind === 'annual-average' && method.year >= 2022 && method.year <= 2025)
      }
    }
  })

  it('have 342.06 g/kWh for Germany up to the end of 2024 and 334.1 from then on', () => {
    assert.equal(at('DE', '2024-12-31T23:59:59.999Z')?.intensity, 342.06)
    assert.equal(at('DE', '2025-01-01T00:00:00Z')?.intensity, 334.1)
    assert.deepEqual(at('DE', '2026-06-01')?.method, { kind: 'annual-average', year: 2025 })
  })

  it('name their source and its licence', () => {
    assert.equal(source.id, 'ember-annual')
    assert.equal(source.about.licence, 'CC-BY-4.0')
    assert.match(source.about.attribution, /Ember/)
  })
})
