import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { measuredFact } from '../../test/measured-fact.ts'
import { tellsTimesApart, whyImplausible } from './fact.ts'

describe('a carbon intensity', () => {
  it('may be any figure from 0 to 2000 g/kWh, both included', () => {
    for (const plausible of [0, 0.4, 148, 1306.3, 2000]) assert.equal(whyImplausible(plausible), undefined)
  })

  it('is implausible when it is no number, negative or above 2000', () => {
    assert.equal(whyImplausible(NaN), 'is not a number')
    assert.equal(whyImplausible(-0.1), 'is negative')
    assert.equal(whyImplausible(2000.1), 'is above 2000 g/kWh')
    assert.equal(whyImplausible(Infinity), 'is above 2000 g/kWh')
  })
})

describe('a fact', () => {
  it('tells one time from another unless it is an annual average or holds for ever', () => {
    assert.ok(tellsTimesApart(measuredFact(100, 0, 1)))
    assert.ok(!tellsTimesApart(measuredFact(100, -Infinity, 1)))
    assert.ok(!tellsTimesApart(measuredFact(100, 0, Infinity)))
    assert.ok(!tellsTimesApart(measuredFact(100, 0, 1, { method: { kind: 'annual-average', year: 2025 } })))
  })
})
