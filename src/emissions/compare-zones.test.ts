import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gramsCO2e } from '../units.ts'
import { rankedByGrams, savingOf } from './compare-zones.ts'

describe('what a zone saves against another', () => {
  it('is the difference, and its share of what the other emits', () => {
    assert.deepEqual(savingOf(gramsCO2e(1), gramsCO2e(4)), { grams: 3, share: 0.75 })
  })

  it('is negative where more is emitted', () => {
    assert.deepEqual(savingOf(gramsCO2e(6), gramsCO2e(4)), { grams: -2, share: -0.5 })
  })

  it('has no share of nothing', () => {
    assert.deepEqual(savingOf(gramsCO2e(1), gramsCO2e(0)), { grams: -1, share: undefined })
  })

  it('is unknown where either is', () => {
    assert.equal(savingOf(undefined, gramsCO2e(4)), undefined)
    assert.equal(savingOf(gramsCO2e(4), undefined), undefined)
  })
})

describe('zones in the order of what they emit', () => {
  it('begin with the least; equals go by name, and unknown ones are left out', () => {
    const zones = [
      { zone: 'PL', grams: gramsCO2e(7) },
      { zone: 'JP', grams: undefined },
      { zone: 'SE', grams: gramsCO2e(1) },
      { zone: 'NO', grams: gramsCO2e(1) },
    ]
    assert.deepEqual(
      rankedByGrams(zones).map(({ zone }) => zone),
      ['NO', 'SE', 'PL'],
    )
  })
})
