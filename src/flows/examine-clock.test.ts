import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../units.ts'
import { examineClock } from './examine-clock.ts'

const at = (second: number) => instant(second * 1000)
const examined = (theirs: number) =>
  examineClock('clock of x', { theirs: at(theirs), before: at(100), after: at(102) })

describe('another machine’s clock', () => {
  it('is well when it tells a time that was passing while it was asked, or nearly', () => {
    for (const theirs of [95, 100, 101, 102, 107]) assert.equal(examined(theirs).verdict, 'ok', `${theirs}`)
  })

  it('is warned of when it is off, with how much and in which direction', () => {
    assert.equal(examined(90).finding, 'its clock is 10 s behind ours')
    assert.equal(examined(110).finding, 'its clock is 8 s ahead of ours')
    assert.equal(examined(110).verdict, 'warn')
  })
})
