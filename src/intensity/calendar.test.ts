import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { type Interval, instant } from '../units.ts'
import { minuteOf, monthsOf, pastOf, piecesOfDays, wholeDays, wholeHours } from './calendar.ts'

const during = (from: string, to: string): Interval => ({
  from: instant(Date.parse(from)),
  to: instant(Date.parse(to)),
})

const minutes = (parts: readonly Interval[]) => parts.map(({ from, to }) => [minuteOf(from), minuteOf(to)])

describe('an interval', () => {
  it('ends now, as far as its past goes', () => {
    const now = instant(10)
    assert.deepEqual(pastOf({ from: instant(0), to: instant(Infinity) }, now), { from: 0, to: 10 })
    assert.deepEqual(pastOf({ from: instant(0), to: instant(5) }, now), { from: 0, to: 5 })
    assert.throws(() => pastOf({ from: instant(-Infinity), to: instant(5) }, now), RangeError)
  })

  it('is cut where months begin in UTC', () => {
    assert.deepEqual(minutes(monthsOf(during('2026-12-30T10:20Z', '2027-02-01T00:00Z'))), [
      ['2026-12-30T10:20', '2027-01-01T00:00'],
      ['2027-01-01T00:00', '2027-02-01T00:00'],
    ])
    assert.deepEqual(monthsOf(during('2026-12-30T10:20Z', '2026-12-30T10:20Z')), [])
  })

  it('is cut into pieces of days', () => {
    assert.deepEqual(minutes(piecesOfDays(during('2026-10-01T10:00Z', '2026-10-20T00:00Z'), 14)), [
      ['2026-10-01T10:00', '2026-10-15T10:00'],
      ['2026-10-15T10:00', '2026-10-20T00:00'],
    ])
    assert.deepEqual(piecesOfDays(during('2026-10-02T00:00Z', '2026-10-01T00:00Z'), 14), [])
  })

  it('is widened to whole days in UTC', () => {
    const whole = during('2026-10-04T00:00Z', '2026-10-06T00:00Z')
    assert.deepEqual(wholeDays(during('2026-10-04T13:00Z', '2026-10-05T00:01Z')), whole)
    assert.deepEqual(wholeDays(whole), whole)
  })

  it('touches whole hours in UTC', () => {
    const whole = during('2026-10-04T13:00Z', '2026-10-04T15:00Z')
    assert.deepEqual(wholeHours(during('2026-10-04T13:59Z', '2026-10-04T14:01Z')), whole)
    assert.deepEqual(wholeHours(whole), whole)
  })

  it('is the sum of its parts, however it is cut', () => {
    const anyInterval = fc
      .tuple(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 1e10 }))
      .map(([from, length]) => ({ from: instant(from), to: instant(from + length) }))
    fc.assert(
      fc.property(anyInterval, fc.integer({ min: 1, max: 40 }), (interval, days) => {
        for (const parts of [monthsOf(interval), piecesOfDays(interval, days)]) {
          assert.equal(parts[0]?.from, interval.from)
          assert.equal(parts.at(-1)?.to, interval.to)
          for (const [index, part] of parts.entries()) {
            assert.ok(part.from < part.to)
            assert.equal(part.from, parts[index - 1]?.to ?? interval.from)
          }
        }
      }),
    )
  })
})
