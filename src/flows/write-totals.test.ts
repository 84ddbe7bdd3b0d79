import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../units.ts'
import { createWriteCounter } from './write-totals.ts'

describe('the totals of writing', () => {
  it('are zero at the start', () => {
    assert.deepEqual(createWriteCounter().totals(), {
      flushes: 0,
      written: 0,
      repeated: 0,
      setAside: 0,
      superseded: 0,
      dropped: 0,
      storeFailures: 0,
      lastSeconds: undefined,
    })
  })

  it('add up what happens', () => {
    const counter = createWriteCounter()
    counter.count({ kind: 'flushed', written: 10, repeated: 2, setAside: 1, seconds: 0.5 })
    counter.count({ kind: 'flushed', written: 1, repeated: 0, setAside: 1, seconds: 0.25 })
    counter.count({
      kind: 'set-aside',
      node: 'a',
      containerId: 'c',
      workload: '',
      reason: 'has no finite interval',
    })
    counter.count({ kind: 'store-away', reason: 'refused' })
    counter.count({ kind: 'store-failed', reason: 'refused', failuresInARow: 1 })
    counter.count({ kind: 'store-failed', reason: 'refused', failuresInARow: 2 })
    counter.count({ kind: 'store-back', awaySeconds: 1, waiting: 0 })
    const during = { from: instant(0), to: instant(10_000) }
    counter.count({ kind: 'dropped', node: 'a', during, measurements: 7 })
    counter.count({ kind: 'superseded', nodes: 2, measurements: 5 })
    counter.count({ kind: 'left-behind', pages: 1, measurements: 1, lost: 1 })
    assert.deepEqual(counter.totals(), {
      flushes: 2,
      written: 11,
      repeated: 2,
      setAside: 2,
      superseded: 5,
      dropped: 7,
      storeFailures: 2,
      lastSeconds: 0.25,
    })
  })
})
