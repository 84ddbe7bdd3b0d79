import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { IntensityMethod } from './fact.ts'
import { likelyRangeOf } from './likely-range.ts'

describe('how far off a figure may be', () => {
  const cases: readonly (readonly [IntensityMethod, number, number])[] = [
    [{ kind: 'measured' }, 1, 1],
    [{ kind: 'configured' }, 1, 1],
    [{ kind: 'annual-average', year: 2025 }, 0.49, 1.69],
    [{ kind: 'estimated' }, 0.57, 1.78],
    [{ kind: 'forecast' }, 0.57, 1.78],
  ]
  for (const [method, low, high] of cases) {
    it(`is from ${low} to ${high} times it when it is ${method.kind}`, () => {
      assert.deepEqual(likelyRangeOf(method), { low, high })
    })
  }
})
