import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../units.ts'
import { type GenerationStep, generatedIntervals } from './generated-intervals.ts'

const minute = 60_000

function step(type: string, fromMinute: number, minutes: number, megawatts: number): GenerationStep {
  const valid = { from: instant(fromMinute * minute), to: instant((fromMinute + minutes) * minute) }
  return { type, valid, megawatts }
}

const shown = (steps: readonly GenerationStep[]) =>
  generatedIntervals(steps).map(({ valid, amounts }) => [
    valid.from / minute,
    valid.to / minute,
    Object.fromEntries(amounts),
  ])

describe('what all types generated', () => {
  it('is told in the steps that all of them have', () => {
    assert.deepEqual(shown([step('A', 0, 60, 1), step('B', 0, 60, 2), step('A', 60, 60, 3)]), [
      [0, 60, { A: 1, B: 2 }],
      [60, 120, { A: 3 }],
    ])
  })

  it('is told in the shortest step of an hour where they differ', () => {
    assert.deepEqual(
      shown([step('A', 0, 60, 1), step('B', 0, 30, 2), step('B', 30, 30, 3), step('A', 60, 60, 4)]),
      [
        [0, 30, { A: 1, B: 2 }],
        [30, 60, { A: 1, B: 3 }],
        [60, 120, { A: 4 }],
      ],
    )
  })

  it('lacks a type where that has no value', () => {
    assert.deepEqual(shown([step('A', 0, 60, 1), step('B', 15, 15, 2)]), [
      [0, 15, { A: 1 }],
      [15, 30, { A: 1, B: 2 }],
      [30, 45, { A: 1 }],
      [45, 60, { A: 1 }],
    ])
  })

  it('takes the last of two series that tell the same', () => {
    assert.deepEqual(shown([step('A', 0, 60, 1), step('A', 0, 60, 2)]), [[0, 60, { A: 2 }]])
  })

  it('ascends in whatever order the series are', () => {
    assert.deepEqual(
      shown([step('A', 60, 60, 1), step('A', 0, 60, 2)]).map(([from]) => from),
      [0, 60],
    )
  })
})
