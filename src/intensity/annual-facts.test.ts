import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { annualFacts, readAnnualAverage } from './annual-facts.ts'

describe('a table of annual averages', () => {
  it('reads a row out of its cells', () => {
    assert.deepEqual(readAnnualAverage('DE', '2024', '344.1'), { zone: 'DE', year: 2024, grams: 344.1 })
  })

  for (const [what, zone, year, grams] of [
    ['no zone', '', '2024', '344'],
    ['a year that is none', 'DE', 'then', '344'],
    ['a year before there were grids to speak of', 'DE', '24', '344'],
    ['no figure', 'DE', '2024', ' '],
    ['a figure that is no number', 'DE', '2024', 'n/a'],
    ['a figure no grid can have', 'DE', '2024', '-1'],
  ] as const) {
    it(`does not read a row with ${what}`, () => {
      assert.equal(readAnnualAverage(zone, year, grams), undefined)
    })
  }

  it('holds each year until the next of its zone, the first and the last without end', () => {
    const facts = annualFacts(
      [
        { zone: 'FR', year: 2023, grams: 56 },
        { zone: 'DE', year: 2024, grams: 344 },
        { zone: 'FR', year: 2021, grams: 68 },
      ],
      { source: 'a-table', rank: 7 },
    )

    assert.deepEqual(
      facts.map(({ zone, valid, method }) => ({ zone, ...valid, method })),
      [
        {
          zone: 'FR',
          from: -Infinity,
          to: Date.UTC(2023, 0, 1),
          method: { kind: 'annual-average', year: 2021 },
        },
        {
          zone: 'FR',
          from: Date.UTC(2023, 0, 1),
          to: Infinity,
          method: { kind: 'annual-average', year: 2023 },
        },
        { zone: 'DE', from: -Infinity, to: Infinity, method: { kind: 'annual-average', year: 2024 } },
      ],
    )
    assert.ok(
      facts.every(
        ({ source, rank, learnedAt }) => source === 'a-table' && rank === 7 && learnedAt === -Infinity,
      ),
    )
  })
})
