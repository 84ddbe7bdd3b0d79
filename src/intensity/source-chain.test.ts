import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gramsPerKilowattHour, instant } from '../units.ts'
import type { IntensityFact } from './fact.ts'
import { lastGood, seriesKey, seriesOf } from './source-chain.ts'

const hour = 3_600_000
const now = instant(100 * hour)
const until = instant(now + hour)

function factUntil(to: number, rank = 20): IntensityFact {
  return {
    zone: 'DE',
    valid: { from: instant(to - hour), to: instant(to) },
    intensity: gramsPerKilowattHour(300),
    source: 'first',
    method: { kind: 'measured' },
    signal: 'average',
    basis: 'unstated',
    rank,
    learnedAt: instant(to),
  }
}

describe('a series', () => {
  it('is of one signal and one basis; an unstated basis is taken for life cycle', () => {
    assert.equal(seriesKey(seriesOf({ signal: 'average', basis: 'unstated' })), 'average/lifecycle')
    assert.equal(seriesKey(seriesOf({ signal: 'marginal', basis: 'lifecycle' })), 'marginal/lifecycle')
    assert.equal(seriesKey(seriesOf({ signal: 'average', basis: 'direct' })), 'average/direct')
  })
})

describe('the last good figure', () => {
  it('stands in from its end on, as an estimate that was learned now', () => {
    assert.deepEqual(lastGood(factUntil(now - 2 * hour), { now, until }), {
      ...factUntil(now - 2 * hour),
      valid: { from: now - 2 * hour, to: until },
      method: { kind: 'estimated', detail: 'last good value' },
      rank: 900,
      learnedAt: now,
    })
  })

  it('does not stand in while it is in force, nor after six hours, nor for itself', () => {
    assert.equal(lastGood(factUntil(now + 1), { now, until }), undefined)
    assert.equal(lastGood(factUntil(now - 6 * hour - 1), { now, until }), undefined)
    assert.equal(lastGood(factUntil(now - hour, 900), { now, until }), undefined)
    assert.equal(lastGood(factUntil(now), { now, until: now }), undefined)
  })
})
