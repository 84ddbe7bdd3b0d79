import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { joules } from '../units.ts'
import { lastStepBetween, stepBetween } from './counter-step.ts'

const noLimit = joules(Number.POSITIVE_INFINITY)

describe('the step between two readings of an energy counter', () => {
  it('is the difference when the counter advanced', () => {
    assert.deepEqual(stepBetween(100, 130, noLimit), { kind: 'advanced', energy: 30 })
  })

  it('is nothing when the counter did not move', () => {
    assert.deepEqual(stepBetween(100, 100, noLimit), { kind: 'advanced', energy: 0 })
  })

  it('counts from zero when the counter began again', () => {
    assert.deepEqual(stepBetween(100, 4, noLimit), { kind: 'restarted', energy: 4 })
  })

  it('is refused when it is more than could have been used', () => {
    assert.deepEqual(stepBetween(100, 130, joules(29)), { kind: 'refused', energy: 30 })
    assert.deepEqual(stepBetween(100, 99, joules(29)), { kind: 'refused', energy: 99 })
  })

  it('of a counter that is rising adds up to its whole rise, however often it is read', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 1 }), (rises) => {
        let total = 0
        let counted = 0
        for (const rise of rises) {
          counted += stepBetween(total, total + rise, noLimit).energy
          total += rise
        }
        assert.equal(counted, total)
      }),
    )
  })
})

describe('the last step of a counter whose container has ended', () => {
  it('is the rest that was counted after the last reading', () => {
    assert.deepEqual(lastStepBetween(100, 103, noLimit), { kind: 'advanced', energy: 3 })
  })

  it('adds nothing when the last value is lower', () => {
    assert.deepEqual(lastStepBetween(100, 3, noLimit), { kind: 'advanced', energy: 0 })
  })
})
