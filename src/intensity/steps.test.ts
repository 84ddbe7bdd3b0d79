import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { instant } from '../units.ts'
import { heldUntilNext, modalStep } from './steps.ts'

const instants = (...times: readonly number[]) => times.map(instant)

describe('the step of a series', () => {
  it('is the most frequent distance between neighbours', () => {
    assert.equal(modalStep(instants(0, 15, 30, 60, 75)), 15)
  })

  it('is the shorter of two that are equally frequent', () => {
    assert.equal(modalStep(instants(0, 60, 75)), 15)
    assert.equal(modalStep(instants(0, 15, 75)), 15)
  })

  it('cannot be told from fewer than two times', () => {
    assert.equal(modalStep([]), undefined)
    assert.equal(modalStep(instants(5)), undefined)
    assert.equal(modalStep(instants(5, 5)), undefined)
  })

  it('is found again in any regular series with a few gaps', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 12, max: 60 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { maxLength: 3 }),
        fc.integer(),
        (step, count, gaps, start) => {
          const missing = new Set(gaps.map((gap) => (gap % (count / 4)) * 4))
          const times = Array.from({ length: count }, (_, index) => index)
            .filter((index) => !missing.has(index))
            .map((index) => instant(start + index * step))
          assert.equal(modalStep(times), step)
        },
      ),
    )
  })
})

describe('a point of a series', () => {
  const held = (...times: readonly number[]) =>
    heldUntilNext(times.map((at, index) => ({ at: instant(at), index }))).map(({ valid, index }) => [
      valid.from,
      valid.to,
      index,
    ])

  it('holds until the next one, and no longer than a step', () => {
    assert.deepEqual(held(0, 15, 30, 60, 65), [
      [0, 15, 0],
      [15, 30, 1],
      [30, 45, 2],
      [60, 65, 3],
      [65, 80, 4],
    ])
  })

  it('may come in any order, and again: the last word counts', () => {
    assert.deepEqual(held(15, 0, 15), [
      [0, 15, 1],
      [15, 30, 2],
    ])
  })

  it('tells nothing alone', () => {
    assert.deepEqual(held(15), [])
    assert.deepEqual(held(), [])
  })

  it('never overlaps another, and holds for some time', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 30 }), (times) => {
        let last = -Infinity
        for (const [from = NaN, to = NaN] of held(...times)) {
          assert.ok(from >= last && to > from)
          last = to
        }
      }),
    )
  })
})
