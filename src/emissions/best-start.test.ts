import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { measuredFact } from '../../test/measured-fact.ts'
import { intensityOver, type KnownPiece } from '../intensity/timeline.ts'
import { instant } from '../units.ts'
import { bestStart } from './best-start.ts'

/** Pieces out of `[from, to, g/kWh]`. */
const pieces = (...rows: readonly (readonly [number, number, number])[]): readonly KnownPiece[] =>
  rows.map(([from, to, grams]) => ({
    kind: 'known',
    during: { from: instant(from), to: instant(to) },
    fact: measuredFact(grams, from, to),
  }))

describe('the best time to start', () => {
  it('lies where the intensity is least', () => {
    const night = pieces([0, 10, 300], [10, 20, 100], [20, 30, 200])
    assert.deepEqual(bestStart(night, 10), { from: 10, to: 20 })
    assert.deepEqual(bestStart(night, 5), { from: 10, to: 15 })
  })

  it('reaches into the better neighbour when the work is longer than the best piece', () => {
    assert.deepEqual(bestStart(pieces([0, 10, 300], [10, 20, 100], [20, 30, 200]), 15), { from: 10, to: 25 })
    assert.deepEqual(bestStart(pieces([0, 10, 200], [10, 20, 100], [20, 30, 300]), 15), { from: 5, to: 20 })
  })

  it('is the first of equally good ones', () => {
    assert.deepEqual(bestStart(pieces([0, 100, 7]), 10), { from: 0, to: 10 })
  })

  it('is never where something is unknown in between', () => {
    const withHole = pieces([0, 10, 100], [12, 30, 200])
    assert.deepEqual(bestStart(withHole, 10), { from: 0, to: 10 })
    assert.deepEqual(bestStart(withHole, 11), { from: 12, to: 23 })
  })

  it('does not exist when nothing known is long enough', () => {
    assert.equal(bestStart(pieces([0, 10, 100], [12, 20, 1]), 11), undefined)
    assert.equal(bestStart([], 1), undefined)
  })

  it('is as good as the best of all starts, tried one by one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 12 }), fc.nat(900)), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.integer({ min: 1, max: 30 }),
        (rows, length) => {
          let end = 0
          const known = pieces(
            ...rows.map(([hole, width, grams]) => {
              const from = end + (hole === 2 ? 3 : 0)
              end = from + width
              return [from, end, grams] as const
            }),
          )
          const meanFrom = (from: number) => {
            const mean = intensityOver(known, { from: instant(from), to: instant(from + length) })
            return mean.kind === 'known' ? mean.mean : Number.POSITIVE_INFINITY
          }
          const best = bestStart(known, length)
          const leastMean = Math.min(...Array.from({ length: end + 1 }, (_, from) => meanFrom(from)))
          const found = best === undefined ? Number.POSITIVE_INFINITY : meanFrom(best.from)
          assert.ok(found === leastMean || Math.abs(found - leastMean) <= 1e-9 * leastMean)
        },
      ),
    )
  })
})
