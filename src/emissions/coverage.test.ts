import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { instant } from '../units.ts'
import { coverageOf } from './coverage.ts'

type Ends = readonly [from: number, to: number]

const covered = ([from, to]: Ends, ...intervals: readonly Ends[]) =>
  coverageOf(
    { from: instant(from), to: instant(to) },
    intervals.map(([from, to]) => ({ from: instant(from), to: instant(to) })),
  )

describe('the coverage of a window', () => {
  it('is 1 when intervals tile it', () => {
    assert.equal(covered([0, 20], [0, 10], [10, 20]), 1)
  })

  it('is 0 without intervals, and with none that meet it', () => {
    assert.equal(covered([0, 20]), 0)
    assert.equal(covered([0, 20], [-10, 0], [20, 30]), 0)
  })

  it('leaves out gaps', () => {
    assert.equal(covered([0, 20], [0, 5], [10, 15]), 0.5)
  })

  it('cuts intervals at the window’s edges', () => {
    assert.equal(covered([0, 20], [-100, 4], [15, 100]), 0.45)
    assert.equal(covered([0, 20], [-100, 100]), 1)
  })

  it('counts time once that several intervals cover', () => {
    assert.equal(covered([0, 20], [0, 10], [5, 15]), 0.75)
    assert.equal(covered([0, 20], [0, 10], [0, 10], [0, 10]), 0.5)
  })

  it('sees through an interval that reaches far back over others', () => {
    assert.equal(covered([0, 20], [0, 2], [4, 6], [3, 10]), 0.45)
    assert.equal(covered([0, 20], [4, 6], [0, 20]), 1)
  })

  it('takes no account of empty intervals', () => {
    assert.equal(covered([0, 20], [0, 10], [15, 15]), 0.5)
  })

  it('is that of one instant in an empty window: 1 if any interval holds it', () => {
    assert.equal(covered([10, 10], [0, 10]), 1)
    assert.equal(covered([10, 10], [5, 15]), 1)
    assert.equal(covered([10, 10], [10, 15]), 1)
    assert.equal(covered([10, 10], [11, 15]), 0)
    assert.equal(covered([10, 10]), 0)
  })

  it('is the share of its milliseconds that some interval covers', () => {
    const ends = fc.tuple(fc.nat(40), fc.nat(12)).map(([from, length]): Ends => [from, from + length])
    fc.assert(
      fc.property(fc.nat(30), fc.integer({ min: 1, max: 30 }), fc.array(ends), (from, length, intervals) => {
        const ascending = intervals.toSorted(([, a], [, b]) => a - b)
        let count = 0
        for (let at = from; at < from + length; at += 1) {
          if (ascending.some(([begin, end]) => begin <= at && at < end)) count += 1
        }
        assert.equal(covered([from, from + length], ...ascending), count / length)
      }),
      { numRuns: 1000 },
    )
  })
})
