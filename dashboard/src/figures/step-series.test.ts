import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { beganWithin, stepsOf } from './step-series.ts'

const iso = (second: number) => new Date(second * 1000).toISOString()

describe('the time since measuring began', () => {
  const answerWith = (energies?: readonly number[]) => ({
    times: [0, 60, 120, 180].map(iso),
    to: iso(240),
    step_s: 60,
    total: energies === undefined ? {} : { series: { energy_j: energies } },
  })

  it('is told by the first steps that have nothing', () => {
    assert.deepEqual(beganWithin(answerWith([0, 0, 5, 5])), { secondsAgo: 120, stepSeconds: 60 })
  })

  it('is not known where it began before, or has not begun', () => {
    assert.equal(beganWithin(answerWith([5, 0, 5, 5])), undefined)
    assert.equal(beganWithin(answerWith([0, 0, 0, 0])), undefined)
    assert.equal(beganWithin(answerWith()), undefined)
  })
})

describe('the steps of an answer', () => {
  const steps = stepsOf({ step_s: 60, times: [30, 60, 120, 180].map(iso) }, 200_000)

  it('are the whole ones, each at its middle', () => {
    assert.deepEqual(steps.middles, [90_000, 150_000])
    assert.deepEqual(steps.cut([1, 2, 3, 4]), [2, 3])
  })

  it('have rates: what they hold by the time that they take', () => {
    assert.deepEqual(steps.rate([1, 2, null, 4], 3600), [120, null])
  })

  it('are not known where nothing was measured, which is not the same as nothing', () => {
    const gap = stepsOf(
      {
        step_s: 60,
        times: [0, 60, 120, 180, 240].map(iso),
        total: { series: { energy_j: [5, 2, 0, 5, 5] } },
      },
      300_000,
    )
    // The second was measured in part, up to when the gap began.
    assert.deepEqual(gap.cut([1, 0.4, 0, 0, 1]), [1, null, null, null, 1])
  })

  it('are none where no series was asked for', () => {
    assert.deepEqual(stepsOf({}, 1000).middles, [])
  })
})
