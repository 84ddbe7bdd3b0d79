import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { measuredFact } from '../../test/measured-fact.ts'
import type { TimelinePiece } from '../intensity/timeline.ts'
import { instant } from '../units.ts'
import { atomBounds, grainOf, stepBounds, stepOfAtoms } from './atoms.ts'

const minute = 60_000
const hour = 60 * minute
const during = (from: number, to: number) => ({ from: instant(from), to: instant(to) })

function timeline(...bounds: readonly number[]): readonly TimelinePiece[] {
  return bounds.slice(1).map((to, at) => ({
    kind: 'known',
    during: during(bounds[at] ?? 0, to),
    fact: measuredFact(100 + at, bounds[at] ?? 0, to),
  }))
}

describe('the steps of a range', () => {
  it('begin at its beginning and at whole multiples of the step, and end with it', () => {
    assert.deepEqual([...stepBounds(during(7, 35_000), 10)], [7, 10_000, 20_000, 30_000, 35_000])
    assert.deepEqual([...stepBounds(during(10_000, 20_000), 10)], [10_000, 20_000])
  })

  it('are one without a step', () => {
    assert.deepEqual([...stepBounds(during(7, 35_000), undefined)], [7, 35_000])
  })
})

describe('the atoms of a range', () => {
  it('are cut where a step ends, where the intensity of any zone changes, and at moments by which coverage is judged', () => {
    const steps = stepBounds(during(1000, 2 * minute + 1000), 90)
    const zones = [timeline(0, 5000, 70_000, hour), timeline(-hour, 5000, 6000, hour)]
    assert.deepEqual(
      [...atomBounds(steps, zones)],
      [1000, 5000, 6000, ...Array.from({ length: 12 }, (_, at) => (at + 1) * 10_000), 121_000],
    )
  })

  it('are never cut outside the range', () => {
    const steps = stepBounds(during(hour, 13 * hour), undefined)
    const atoms = atomBounds(steps, [timeline(0, hour, 13 * hour, 20 * hour)])
    assert.deepEqual(
      [...atoms],
      Array.from({ length: 145 }, (_, at) => hour + at * 5 * minute),
    )
  })

  it('are days in a month, hours in a day, minutes in an hour', () => {
    const widthIn = (length: number) => {
      const [first = 0, second = 0] = atomBounds(stepBounds(during(0, length), undefined), [])
      return second - first
    }
    assert.deepEqual([30 * 24 * hour, 7 * 24 * hour, 24 * hour, 6 * hour, hour, minute].map(widthIn), [
      24 * hour,
      6 * hour,
      hour,
      5 * minute,
      minute,
      10_000,
    ])
  })

  it('lie each in one step', () => {
    const steps = Float64Array.of(0, 10, 20)
    assert.deepEqual([...stepOfAtoms(Float64Array.of(0, 5, 10, 15, 20), steps)], [0, 0, 1, 1])
  })
})

describe('the grain of sums that will do', () => {
  it('is the coarsest that no bound cuts', () => {
    assert.equal(grainOf(Float64Array.of(0, hour, 2 * hour)), 3600)
    assert.equal(grainOf(Float64Array.of(0, 15 * minute, hour)), 300)
    assert.equal(grainOf(Float64Array.of(0, minute, hour)), undefined)
  })

  it('may be cut by the ends of the range', () => {
    assert.equal(grainOf(Float64Array.of(7, hour, hour + 7)), 3600)
    assert.equal(grainOf(Float64Array.of(7, 8)), 3600)
  })
})
