import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { instant } from '../../units.ts'
import { type Curve, type CurvePoint, valuesOf } from './curve.ts'

const stepMs = 900_000

function curve(kind: Curve['kind'], steps: number, points: readonly CurvePoint[]): Curve {
  return { kind, stepMs, points, during: { from: instant(0), to: instant(steps * stepMs) } }
}

const point = (position: number, value: number): CurvePoint => ({ position, value })
const numbers = (given: Curve) => valuesOf(given).map(({ valid, value }) => [valid.from / stepMs, value])

/** As the platform does it: a value that repeats the one before is left out. */
function compressed(values: readonly number[]): readonly CurvePoint[] {
  return values.flatMap((value, index) => (value === values[index - 1] ? [] : [point(index + 1, value)]))
}

describe('a curve of variable blocks (A03)', () => {
  it('holds each value until the next one, and the last one to the end', () => {
    assert.deepEqual(numbers(curve('variable', 5, [point(1, 7), point(4, 0)])), [
      [0, 7],
      [1, 7],
      [2, 7],
      [3, 0],
      [4, 0],
    ])
  })

  it('has nothing before its first point', () => {
    assert.deepEqual(numbers(curve('variable', 3, [point(2, 7)])), [
      [1, 7],
      [2, 7],
    ])
    assert.deepEqual(numbers(curve('variable', 3, [])), [])
  })

  it('filled, equals the series that was compressed', () => {
    const series = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 120 })
    fc.assert(
      fc.property(series, fc.boolean(), (values, isReversed) => {
        const points = compressed(values)
        const given = curve('variable', values.length, isReversed ? points.toReversed() : points)
        const full = curve(
          'sequential',
          values.length,
          values.map((value, index) => point(index + 1, value)),
        )
        assert.deepEqual(valuesOf(given), valuesOf(full))
        assert.deepEqual(
          valuesOf(given).map(({ value }) => value),
          values,
        )
      }),
    )
  })

  it('tiles its period without a gap, where it begins with a value', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 60 }), (values) => {
        const filled = valuesOf(curve('variable', values.length, compressed(values)))
        for (const [index, { valid }] of filled.entries()) {
          assert.deepEqual(valid, { from: index * stepMs, to: (index + 1) * stepMs })
        }
      }),
    )
  })
})

describe('a curve of sequential blocks (A01)', () => {
  it('has no value where it has no point', () => {
    assert.deepEqual(numbers(curve('sequential', 4, [point(1, 7), point(4, 8)])), [
      [0, 7],
      [3, 8],
    ])
  })

  it('takes the last of two values for one step', () => {
    assert.deepEqual(numbers(curve('sequential', 1, [point(1, 7), point(1, 8)])), [[0, 8]])
  })
})
