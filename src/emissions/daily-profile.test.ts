import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { measuredFact } from '../../test/measured-fact.ts'
import { intensityOver, type KnownPiece } from '../intensity/timeline.ts'
import { instant } from '../units.ts'
import { bestHour, dailyProfile, profileWindow } from './daily-profile.ts'

const hour = 3_600_000
const pieces = (...rows: readonly (readonly [number, number, number])[]): readonly KnownPiece[] =>
  rows.map(([from, to, grams]) => ({
    kind: 'known',
    during: { from: instant(from * hour), to: instant(to * hour) },
    fact: measuredFact(grams, from * hour, to * hour),
  }))

describe('the profile of the day', () => {
  it('is the mean of each hour over the days on which it is known, weighted by time', () => {
    const profile = dailyProfile(pieces([0, 1, 100], [24, 24.5, 400], [25, 27, 300]))
    assert.equal(profile.length, 24)
    assert.deepEqual([profile[0]?.mean, profile[0]?.days], [200, 2])
    assert.deepEqual([profile[1]?.mean, profile[1]?.days], [300, 1])
    assert.equal(profile[3], undefined)
  })

  it('gives work of some hours the mean of them, over midnight too', () => {
    const profile = dailyProfile(pieces([0, 2, 100], [22, 24, 400]))
    const window = profileWindow(profile, 23, 1.25 * hour)
    assert.equal(window?.mean, 0.8 * 400 + 0.2 * 100)
    assert.deepEqual(
      window?.shares.map(({ fact, share }) => [fact.intensity, share]),
      [
        [400, 0.8],
        [100, 0.2],
      ],
    )
    assert.equal(profileWindow(profile, 1, 2 * hour), undefined)
  })

  it('has a best hour, where all that the work would take is known', () => {
    const profile = dailyProfile(pieces([3, 4, 10], [10, 11, 200], [11, 13, 100]))
    assert.deepEqual([bestHour(profile, hour)?.hour, bestHour(profile, hour)?.days], [3, 1])
    assert.equal(bestHour(profile, 2 * hour)?.hour, 11)
    assert.equal(bestHour(profile, 4 * hour), undefined)
  })

  it('of one day known without a hole is that day', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 96, maxLength: 96 }),
        fc.nat(23),
        (quarters, start) => {
          const day = pieces(...quarters.map((grams, at) => [at / 4, (at + 1) / 4, grams] as const))
          const expected = intensityOver(day, {
            from: instant(start * hour),
            to: instant((start + 1) * hour),
          })
          const found = profileWindow(dailyProfile(day), start, hour)
          assert.ok(expected.kind === 'known' && found !== undefined)
          assert.ok(Math.abs(found.mean - expected.mean) <= 1e-9 * expected.mean)
          const shares = found.shares.reduce((sum, { share }) => sum + share, 0)
          assert.ok(Math.abs(shares - 1) < 1e-9)
        },
      ),
    )
  })
})
