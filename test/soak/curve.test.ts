import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { curveText, megabytesPerMinute } from './curve.ts'

const at = (minute: number, megabytes: number) => ({ minute, megabytes })

describe('a curve of memory', () => {
  it('rises by the slope of its line', () => {
    assert.equal(megabytesPerMinute([at(0, 100), at(1, 102), at(2, 104)]), 2)
    assert.equal(megabytesPerMinute([at(0, 100), at(1, 110), at(2, 100)]), 0)
    assert.equal(megabytesPerMinute([at(3, 100)]), 0)
  })

  it('is written a row for each stretch of time', () => {
    assert.equal(
      curveText([at(0, 50), at(1, 100)]),
      `   0.0 min    50.0 MB ${'█'.repeat(25)}\n   1.0 min   100.0 MB ${'█'.repeat(50)}`,
    )
    assert.equal(curveText(Array.from({ length: 400 }, (_, minute) => at(minute, 80))).split('\n').length, 40)
  })
})
