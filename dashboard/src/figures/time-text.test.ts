import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ago, axisTimes, clock, dayOf, duration, fromTo, moment } from './time-text.ts'

const nbsp = '\u00A0'
/** Local times, so that the test holds in every zone. */
const at = (day: number, hours: number, minutes = 0, seconds = 0) =>
  new Date(2026, 1, day, hours, minutes, seconds).getTime()

describe('a length of time', () => {
  it('is said in its two greatest units', () => {
    assert.equal(duration(75), `75${nbsp}s`)
    assert.equal(duration(150), `3${nbsp}min`)
    assert.equal(duration(4320), `1${nbsp}h 12${nbsp}min`)
    assert.equal(duration(7200), `2${nbsp}h`)
    assert.equal(duration(86_399), `24${nbsp}h`)
    assert.equal(duration(50 * 3600), `2${nbsp}d 2${nbsp}h`)
  })

  it('that has passed is rounded down, never up to what has not been reached', () => {
    assert.equal(ago(1.9), 'just now')
    assert.equal(ago(59.9), `59${nbsp}s ago`)
    assert.equal(ago(7199), `119${nbsp}min ago`)
    assert.equal(ago(3 * 86_400 + 5), `3${nbsp}d ago`)
  })
})

describe('a moment', () => {
  it('has its day only where that is another one', () => {
    assert.equal(moment(at(11, 9, 5), at(11, 14)), '09:05')
    assert.equal(moment(at(10, 9, 5), at(11, 14)), '10 Feb 09:05')
    assert.equal(clock(at(11, 9, 5, 7), 'seconds'), '09:05:07')
    assert.equal(dayOf(at(1, 0)), '1 Feb')
    assert.equal(fromTo({ from: at(10, 9), to: at(10, 10) }, at(11, 14)), '10 Feb 09:00 to 10:00')
    assert.equal(fromTo({ from: at(10, 9), to: at(11, 10) }, at(11, 14)), '10 Feb 09:00 to 11 Feb 10:00')
  })
})

describe('the times below an axis', () => {
  it('are times of day, and name each day that begins', () => {
    const ticks = [at(10, 18), at(11, 0), at(11, 6)].map((time) => time / 1000)
    assert.deepEqual(axisTimes(ticks, 6 * 3600), ['18:00', '11 Feb', '06:00'])
  })

  it('are days where the ticks are days apart, and have seconds where less than a minute lies between', () => {
    assert.deepEqual(axisTimes([at(10, 0) / 1000, at(11, 0) / 1000], 86_400), ['10 Feb', '11 Feb'])
    assert.deepEqual(axisTimes([at(10, 9, 0, 30) / 1000], 10), ['09:00:30'])
  })
})
