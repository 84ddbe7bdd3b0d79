import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gramsPerKilowattHour, instant } from '../units.ts'
import type { IntensityFact, IntensityMethod } from './fact.ts'
import { areOfEqualStanding, comparePreference, isOfSeries, sayTheSame } from './preference.ts'

const usual: IntensityFact = {
  zone: 'DE',
  valid: { from: instant(0), to: instant(10) },
  intensity: gramsPerKilowattHour(100),
  source: 'a',
  method: { kind: 'measured' },
  signal: 'average',
  basis: 'lifecycle',
  rank: 20,
  learnedAt: instant(5),
}

function isPreferred(preferred: Partial<IntensityFact>, other: Partial<IntensityFact>) {
  assert.equal(comparePreference({ ...usual, ...preferred }, { ...usual, ...other }), -1)
  assert.equal(comparePreference({ ...usual, ...other }, { ...usual, ...preferred }), 1)
}

describe('of two facts that hold at the same time', () => {
  it('the one of the better source is believed, whatever its method', () => {
    isPreferred({ rank: 20, method: { kind: 'forecast' } }, { rank: 21, learnedAt: instant(9) })
  })

  it('the one with the better method is believed when the sources are equally good', () => {
    const bestFirst: IntensityMethod[] = [
      { kind: 'configured' },
      { kind: 'measured' },
      { kind: 'estimated' },
      { kind: 'forecast' },
      { kind: 'annual-average', year: 2025 },
    ]
    bestFirst.slice(1).forEach((method, index) => {
      const better = bestFirst[index]
      assert.ok(better)
      isPreferred({ method: better }, { method, learnedAt: instant(9) })
    })
  })

  it('the one learned last is believed when source and method are equally good', () => {
    isPreferred(
      { learnedAt: instant(6) },
      { learnedAt: instant(5), valid: { from: instant(1), to: instant(2) } },
    )
  })

  it('the one that holds for a shorter time is believed when they were learned together', () => {
    isPreferred({ valid: { from: instant(2), to: instant(4) } }, {})
    isPreferred({}, { valid: { from: instant(-Infinity), to: instant(Infinity) } })
  })

  it('the rest of what they say decides in the end, so that the order of arrival does not', () => {
    isPreferred({ valid: { from: instant(1), to: instant(11) } }, {})
    isPreferred(
      { valid: { from: instant(-Infinity), to: instant(11) } },
      { valid: { from: instant(-Infinity), to: instant(10) } },
    )
    isPreferred({ intensity: gramsPerKilowattHour(101) }, {})
    isPreferred({}, { source: 'b' })
    isPreferred({}, { zone: 'FR' })
    isPreferred({}, { basis: 'unstated' })
    isPreferred({}, { signal: 'marginal' })
    isPreferred({ method: { kind: 'estimated' } }, { method: { kind: 'estimated', detail: 'x' } })
    isPreferred(
      { method: { kind: 'annual-average', year: 2024 } },
      { method: { kind: 'annual-average', year: 2025 } },
    )
  })

  it('neither is preferred when they are the same in every field', () => {
    assert.equal(comparePreference(usual, { ...usual }), 0)
  })

  it('they say the same when only the moment they were learned differs', () => {
    assert.equal(sayTheSame(usual, { ...usual, learnedAt: instant(6) }), true)
    assert.equal(sayTheSame(usual, { ...usual, intensity: gramsPerKilowattHour(1) }), false)
    assert.equal(sayTheSame(usual, { ...usual, rank: 1 }), false)
  })

  it('only the moment they were learned decides when they are of equal standing', () => {
    assert.equal(
      areOfEqualStanding(usual, { ...usual, intensity: gramsPerKilowattHour(1), basis: 'unstated' }),
      true,
    )
    assert.equal(areOfEqualStanding(usual, { ...usual, signal: 'marginal' }), false)
    assert.equal(areOfEqualStanding(usual, { ...usual, basis: 'direct' }), false)
    assert.equal(areOfEqualStanding(usual, { ...usual, method: { kind: 'forecast' } }), false)
  })
})

describe('a series of facts', () => {
  it('takes in only facts of its signal', () => {
    assert.equal(isOfSeries(usual, { signal: 'average', basis: 'lifecycle' }), true)
    assert.equal(isOfSeries(usual, { signal: 'marginal', basis: 'lifecycle' }), false)
  })

  it('counts an unstated basis as life-cycle, and never as direct', () => {
    const unstated: IntensityFact = { ...usual, basis: 'unstated' }
    assert.equal(isOfSeries(unstated, { signal: 'average', basis: 'lifecycle' }), true)
    assert.equal(isOfSeries(unstated, { signal: 'average', basis: 'direct' }), false)
  })

  it('does not mix direct with life-cycle figures', () => {
    const direct: IntensityFact = { ...usual, basis: 'direct' }
    assert.equal(isOfSeries(direct, { signal: 'average', basis: 'lifecycle' }), false)
    assert.equal(isOfSeries(direct, { signal: 'average', basis: 'direct' }), true)
  })
})
