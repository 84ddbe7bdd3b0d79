import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sparkPath } from './spark-path.ts'

const size = { width: 100, height: 20 }

describe('the path of a small chart', () => {
  it('reaches from nothing to the greatest value', () => {
    assert.equal(sparkPath([0, 5, 10], size), 'M0 20L50 10L100 0')
  })

  it('breaks where nothing is known, and is a dot for a value alone', () => {
    assert.equal(sparkPath([10, 10, null, 5], size), 'M0 0L33.3 0M100 10h0.1')
  })

  it('lies at the bottom where all is nothing, and is empty where nothing is known', () => {
    assert.equal(sparkPath([0, 0], size), 'M0 20L100 20')
    assert.equal(sparkPath([null, null], size), '')
    assert.equal(sparkPath([], size), '')
  })
})
