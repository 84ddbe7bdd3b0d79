import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { technologies } from '../../intensity/generation-mix.ts'
import { parseEmissionFactors, readEmissionFactors } from './emission-factors.ts'

const header = 'technology,g_co2e_per_kwh,standing,low,high,range_standing,note'
const rows = technologies.map((technology) => `${technology},1,checked,,,,`)
const table = (lines: readonly string[]) => [header, ...lines, ''].join('\n')

describe('the emission factors of AR5', () => {
  const { name, gramsPerKilowattHour } = readEmissionFactors('ar5-2014')

  it('are the medians over the life cycle', () => {
    assert.equal(name, 'ar5-2014')
    for (const [technology, grams] of [
      ['coal', 820],
      ['gas', 490],
      ['biomass', 230],
      ['solar', 48],
      ['geothermal', 38],
      ['hydro', 24],
      ['nuclear', 12],
      ['wind-offshore', 12],
      ['wind-onshore', 11],
    ] as const) {
      assert.equal(gramsPerKilowattHour.get(technology), grams, technology)
    }
  })

  it('have one for each technology', () => {
    assert.deepEqual([...gramsPerKilowattHour.keys()], [...technologies])
  })
})

describe('a table of emission factors', () => {
  it('is refused when a technology has no figure', () => {
    for (const figure of ['', 'n/a', '-1', '2001']) {
      const lines = [`coal,${figure},checked,,,,`, ...rows.slice(1)]
      assert.throws(() => parseEmissionFactors(table(lines)), /no figure for coal/)
    }
    assert.throws(
      () => parseEmissionFactors(table(['cole,1,checked,,,,', ...rows.slice(1)])),
      /no figure for coal/,
    )
  })

  it('is refused when it has a row too many, or columns that are not the known ones', () => {
    assert.throws(
      () => parseEmissionFactors(table([...rows, 'magic,1,checked,,,,'])),
      /20 rows; there are 19/,
    )
    assert.throws(() => parseEmissionFactors('technology,grams\n'), /the header is not technology,/)
  })
})
