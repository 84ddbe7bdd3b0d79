import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stalenessAt } from './staleness.ts'

const second = 1000

describe('figures', () => {
  it('are current for three intervals and a little more', () => {
    const heard = { lastAt: 100 * second, since: 0, intervalSeconds: 10 }
    assert.equal(stalenessAt(135 * second, heard).kind, 'current')
    assert.deepEqual(stalenessAt(136 * second, heard), { kind: 'stale', lastAt: 100 * second, seconds: 36 })
  })

  it('that never came are waited for just as long', () => {
    const heard = { lastAt: undefined, since: 100 * second, intervalSeconds: 10 }
    assert.equal(stalenessAt(135 * second, heard).kind, 'current')
    assert.deepEqual(stalenessAt(136 * second, heard), {
      kind: 'stale',
      lastAt: undefined,
      seconds: undefined,
    })
  })
})
