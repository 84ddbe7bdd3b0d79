import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { measuredFact } from '../../test/measured-fact.ts'
import type { EnergySample } from '../energy/energy-sample.ts'
import type { TimelinePiece } from '../intensity/timeline.ts'
import { instant, joules } from '../units.ts'
import { emissionOf } from './emission.ts'
import { spanOf, zoneEmissions } from './emissions-report.ts'

const between = (fromSecond: number, toSecond: number) => ({
  from: instant(fromSecond * 1000),
  to: instant(toSecond * 1000),
})

const fact = (grams: number) => measuredFact(grams, -Infinity, Infinity)

/** A timeline out of `[from, to, g/kWh]`; `?` is a time for which nothing is known. */
function timeline(...pieces: readonly (readonly [number, number, number | '?'])[]): readonly TimelinePiece[] {
  return pieces.map(([from, to, grams]) =>
    grams === '?'
      ? { kind: 'unknown', during: between(from, to) }
      : { kind: 'known', during: between(from, to), fact: fact(grams) },
  )
}

function sample(from: number, to: number, energy: number): EnergySample {
  return { node: 'n', during: between(from, to), energy: joules(energy), counter: joules(0), flags: [] }
}

function gramsOf(energy: EnergySample, pieces: readonly TimelinePiece[]): number {
  const emission = emissionOf(energy, pieces)
  assert.equal(emission.kind, 'known')
  return emission.kind === 'known' ? emission.emitted : Number.NaN
}

function assertClose(actual: number, expected: number, relative = 1e-12) {
  assert.ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual} is not ${expected}`)
}

describe('what an energy sample emitted', () => {
  it('is its energy times the intensity: 30 J at 148 g/kWh are 0.0012333 g', () => {
    assert.equal(gramsOf(sample(0, 10, 30), timeline([0, 60, 148])).toPrecision(5), '0.0012333')
  })

  it('is integrated across a change of intensity', () => {
    // 3600 J are 0.001 kWh, of which 4/10 at 100 and 6/10 at 300 g/kWh: 0.04 g + 0.18 g.
    const emission = emissionOf(sample(0, 10, 3600), timeline([-5, 4, 100], [4, 60, 300]))
    assert.equal(emission.kind === 'known' && emission.emitted, 0.22)
    assert.equal(emission.kind === 'known' && emission.meanIntensity, 220)
    assert.deepEqual(
      emission.kind === 'known' && emission.shares.map(({ fact, share }) => [fact.intensity, share]),
      [
        [100, 0.4],
        [300, 0.6],
      ],
    )
  })

  it('is not touched by the intensity beyond its interval', () => {
    const pieces = timeline([-10, 0, 1000], [0, 10, 148], [10, 20, '?'])
    assert.equal(gramsOf(sample(0, 10, 30), pieces), gramsOf(sample(0, 10, 30), timeline([0, 10, 148])))
  })

  it('is nothing for no energy, and for a grid without emissions', () => {
    assert.equal(gramsOf(sample(0, 10, 0), timeline([0, 10, 148])), 0)
    assert.equal(gramsOf(sample(0, 10, 30), timeline([0, 10, 0])), 0)
  })

  it('is unknown when the intensity of some of its time is, and never a part of it', () => {
    const half = emissionOf(sample(0, 10, 30), timeline([0, 5, 148], [5, 10, '?']))
    assert.equal(half.kind, 'unknown')
    assert.equal(half.kind === 'unknown' && half.knownShare, 0.5)
    const none = emissionOf(sample(0, 10, 30), [])
    assert.equal(none.kind === 'unknown' && none.knownShare, 0)
  })

  it('stays the same in all when the sample is split at any instant', () => {
    // Zero is a figure, but below a microgram doubles run out of digits long before grids run out of carbon.
    const grams = fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 2000, noNaN: true }))
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), grams), { minLength: 1, maxLength: 12 }),
        fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
        fc.integer({ min: 1, max: 99 }),
        (widths, energy, percent) => {
          let end = 0
          const pieces = timeline(
            ...widths.map(([width, level]) => {
              const from = end
              end += width
              return [from, end, level] as const
            }),
          )
          const cut = (end * percent) / 100
          const before = (energy * percent) / 100
          const whole = gramsOf(sample(0, end, energy), pieces)
          const parts =
            gramsOf(sample(0, cut, before), pieces) + gramsOf(sample(cut, end, energy - before), pieces)
          assertClose(parts, whole)
        },
      ),
    )
  })
})

describe('what a workload emitted in a zone', () => {
  const samples = [sample(0, 10, 30), sample(10, 20, 60), sample(20, 30, 12)]

  it('is the sum of what its samples emitted', () => {
    const report = zoneEmissions(samples, { coverage: 1, timeline: timeline([0, 30, 148]) })
    assert.equal(report.energy, 102)
    // 102 J x 148 g/kWh / 3.6e6 J/kWh
    assertClose(report.emitted, 0.00419333333333333, 1e-14)
    assert.equal(report.energyWithoutIntensity, 0)
    assert.equal(report.coverage, 1)
    assert.deepEqual(
      Array.from(report.emissions, (emission) => emission.sample),
      samples,
    )
  })

  it('leaves out energy whose intensity is unknown, and says how much that is', () => {
    const report = zoneEmissions(samples, {
      coverage: 0.5,
      timeline: timeline([0, 15, 148], [15, 60, '?']),
    })
    assert.equal(report.energy, 102)
    assert.equal(report.energyWithoutIntensity, 72)
    assertClose(report.emitted, 0.00123333333333333, 1e-14)
    assert.equal(report.coverage, 0.5)
  })

  it('is the same for many samples, which are worked out anew each time they are gone through', () => {
    const many = Array.from({ length: 1500 }, (_, at) => sample(10 * at, 10 * at + 10, 30))
    const report = zoneEmissions(many, { coverage: 1, timeline: timeline([0, 15_000, 148]) })
    assert.equal(report.energy, 45_000)
    assert.equal([...report.emissions].length, 1500)
    assert.equal([...report.emissions].length, 1500)
  })

  it('is nothing without samples', () => {
    const { emissions, provenance, ...sums } = zoneEmissions([], { coverage: 0, timeline: [] })
    assert.deepEqual(provenance, {
      parts: [],
      meanIntensity: undefined,
      worstAgeSeconds: undefined,
      likely: { low: 0, high: 0 },
    })
    assert.deepEqual([...emissions], [])
    assert.deepEqual(sums, {
      energy: 0,
      emitted: 0,
      energyWithoutIntensity: 0,
      coverage: 0,
    })
  })
})

describe('the span of samples', () => {
  it('reaches from the earliest beginning to the last end', () => {
    assert.deepEqual(spanOf([sample(10, 20, 1), sample(5, 25, 1), sample(25, 30, 1)]), between(5, 30))
  })

  it('does not exist without samples', () => {
    assert.equal(spanOf([]), undefined)
  })
})
