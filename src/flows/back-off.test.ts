import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { backOffSeconds } from './back-off.ts'

describe('the wait after failures', () => {
  it('is bounded by half a second at first, and by twice as much after each more', () => {
    const bounds = [1, 2, 3, 4, 5, 6].map((failures) => backOffSeconds(failures, () => 1))
    assert.deepEqual(bounds, [0.5, 1, 2, 4, 8, 16])
  })

  it('is never bounded by more than half a minute', () => {
    assert.deepEqual(
      [7, 8, 5000].map((failures) => backOffSeconds(failures, () => 1)),
      [30, 30, 30],
    )
  })

  it('is any part of the bound, by chance', () => {
    assert.deepEqual(
      [0, 0.5].map((chance) => backOffSeconds(5, () => chance)),
      [0, 4],
    )
  })
})
