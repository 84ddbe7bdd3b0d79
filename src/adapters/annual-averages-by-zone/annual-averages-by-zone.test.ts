import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import { createFactBook } from '../../intensity/fact-book.ts'
import { instant } from '../../units.ts'
import { readZoneDirectory } from '../zones/zones.ts'
import { parseAnnualAveragesByZone, readAnnualAveragesByZone } from './annual-averages-by-zone.ts'

const header = 'zone,zone_name,country_name,year,g_co2e_per_kwh,renewable_pct,carbon_free_pct\n'
const startOf2025 = Date.UTC(2025, 0, 1)

describe('a table of annual averages by zone', () => {
  it('gives one fact for all time when a zone has one row', () => {
    assert.deepEqual(parseAnnualAveragesByZone(`${header}DK-DK1,West,Denmark,2025,121,80,80\n`), [
      {
        zone: 'DK-DK1',
        valid: { from: -Infinity, to: Infinity },
        intensity: 121,
        source: 'electricity-maps-annual',
        method: { kind: 'annual-average', year: 2025 },
        signal: 'average',
        basis: 'lifecycle',
        rank: 999,
        learnedAt: -Infinity,
      },
    ])
  })

  it('lets each row hold until the next row of its zone begins, in whatever order they stand', () => {
    const rows = 'AE,a,,2025,344,1,1\nAF,b,,2024,200,1,1\nAE,a,,2024,383,1,1\n'
    assert.deepEqual(
      parseAnnualAveragesByZone(header + rows)
        .filter(({ zone }) => zone === 'AE')
        .map(({ valid, intensity }) => [valid.from, valid.to, intensity]),
      [
        [-Infinity, startOf2025, 383],
        [startOf2025, Infinity, 344],
      ],
    )
  })

  it('is refused when a row cannot be read', () => {
    const unreadable = [',a,,2025,344,1,1', 'AE,a,,soon,344,1,1', 'AE,a,,,344,1,1']
    for (const figure of ['', 'n/a', '-1', '2001']) unreadable.push(`AE,a,,2025,${figure},1,1`)
    for (const row of unreadable) {
      assert.throws(() => parseAnnualAveragesByZone(`${header}${row}\n`), /by zone: unreadable row/)
    }
  })

  it('is refused when its columns are not the known ones', () => {
    assert.throws(() => parseAnnualAveragesByZone('zone,year\nAE,2025\n'), /by zone: the header is not zone,/)
  })
})

describe('the annual averages by zone that ship', () => {
  const source = readAnnualAveragesByZone()
  const book = createFactBook()
  book.add(source.facts)
  const at = (zone: string, iso: string) => book.latest(zone, instant(Date.parse(iso)))

  it('cover 352 zones, each of them in the directory under that code', () => {
    const directory = readZoneDirectory()
    assert.equal(source.zones().length, 352)
    for (const zone of source.zones()) {
      const found = directory.find(zone)
      assert.equal(found.kind === 'known' && found.zone, zone)
    }
  })

  it('know the figure of each year from 2021 to 2025 for that year, and the outermost beyond', () => {
    assert.equal(source.facts.length, 5 * 352)
    assert.deepEqual(
      ['1990-01-01', '2021-07-01', '2022-07-01', '2023-07-01', '2024-07-01', '2025-07-01', '2099-01-01'].map(
        (time) => at('AE', time)?.intensity,
      ),
      [447, 447, 406, 391, 383, at('AE', '2025-01-01')?.intensity, at('AE', '2025-12-31')?.intensity],
    )
  })

  it('name their source, and stand apart with the notice of their licence', () => {
    assert.equal(source.about.licence, 'ODbL-1.0')
    assert.match(source.about.attribution, /Electricity Maps.*Open Database License/)
    const folder = new URL('../../../data/annual-intensity-by-zone-ODbL/', import.meta.url)
    for (const name of ['LICENCE.md', 'SOURCE.md']) assert.ok(existsSync(new URL(name, folder)))
  })
})
