import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lonelyValues } from './lonely-values.ts'

describe('values that no line goes through', () => {
  it('are those between gaps, and at the ends', () => {
    assert.deepEqual(lonelyValues([5, null, 0, null, 1, 2, null, 3]), [0, 2, 7])
  })

  it('are a single one, and none where nothing is known', () => {
    assert.deepEqual(lonelyValues([7]), [0])
    assert.deepEqual(lonelyValues([null, null]), [])
    assert.deepEqual(lonelyValues([]), [])
  })
})
