import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Interval, instant } from '../units.ts'
import { addToSums, type ContainerSums } from './energy-sums.ts'
import type { SpanRow } from './span-columns.ts'

const second = (value: number) => instant(value * 1000)
const between = (from: number, to: number): Interval => ({ from: second(from), to: second(to) })
const always: Interval = between(-1e9, 1e9)

function sample(from: number, to: number, differing: Partial<SpanRow> = {}): SpanRow {
  return { ...between(from, to), joules: to - from, samples: 1, flagBits: 0, ...differing }
}

function sumsOf(samples: readonly SpanRow[], within = always): ContainerSums {
  const sums: ContainerSums = new Map()
  for (const next of samples) addToSums(sums, next, within)
  return sums
}

describe('sums of a container’s energy', () => {
  it('hold the samples of five minutes', () => {
    const sums = sumsOf([sample(0, 10, { flagBits: 1 }), sample(10, 20, { flagBits: 8 }), sample(300, 310)])
    assert.deepEqual(
      [...sums],
      [
        [0, { joules: 20, coveredMs: 20_000, samples: 2, flagBits: 9 }],
        [300_000, { joules: 10, coveredMs: 10_000, samples: 1, flagBits: 0 }],
      ],
    )
  })

  it('divide a sample in proportion to time, and count it where it ends', () => {
    assert.deepEqual(
      [...sumsOf([sample(270, 310, { joules: 4 })])],
      [
        [0, { joules: 3, coveredMs: 30_000, samples: 0, flagBits: 0 }],
        [300_000, { joules: 1, coveredMs: 10_000, samples: 1, flagBits: 0 }],
      ],
    )
    assert.deepEqual([...sumsOf([sample(290, 300)]).keys()], [0])
  })

  it('take no more than the time that is being summed up', () => {
    const sums = sumsOf([sample(200, 1000)], between(300, 900))
    assert.deepEqual(
      Array.from(sums, ([from, { joules, samples }]) => [from / 1000, joules, samples]),
      [
        [300, 300, 0],
        [600, 300, 0],
      ],
    )
  })

  it('conserve energy, covered time and samples', () => {
    const samples = fc.array(
      fc.tuple(
        fc.integer({ min: -5000, max: 5000 }),
        fc.integer({ min: 1, max: 2000 }),
        fc.double({ min: 0, max: 1e9, noNaN: true }),
      ),
    )
    fc.assert(
      fc.property(samples, (given) => {
        const rows = given.map(([from, length, joules]) => sample(from, from + length, { joules }))
        const sums = [...sumsOf(rows).values()]
        const total = rows.reduce((sum, { joules }) => sum + joules, 0)
        const found = sums.reduce((sum, { joules }) => sum + joules, 0)
        assert.ok(Math.abs(total - found) <= 1e-12 * total + 1e-300)
        assert.equal(
          sums.reduce((sum, { coveredMs }) => sum + coveredMs, 0),
          rows.reduce((sum, { from, to }) => sum + to - from, 0),
        )
        assert.equal(
          sums.reduce((sum, { samples: ended }) => sum + ended, 0),
          rows.length,
        )
      }),
    )
  })
})
