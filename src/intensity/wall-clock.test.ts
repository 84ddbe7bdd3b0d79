import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { type Instant, instant } from '../units.ts'
import { createWallClock, daysOf, instantsInOrder } from './wall-clock.ts'

const dublin = createWallClock('Europe/Dublin')

const utc = (text: string) => instant(Date.parse(`${text}Z`))
const quarter = 15 * 60_000

/** What the clocks show, computed another way than the clock itself does. */
function shownAt(at: Instant, timeZone = 'Europe/Dublin'): Instant {
  return instant(Date.parse(`${new Date(at).toLocaleString('sv-SE', { timeZone }).replace(' ', 'T')}Z`))
}

describe('the instants at which clocks show a time', () => {
  it('are one in winter and one in summer', () => {
    assert.deepEqual(dublin.instantsAt(utc('2026-01-15T12:00')), [utc('2026-01-15T12:00')])
    assert.deepEqual(dublin.instantsAt(utc('2026-07-15T12:00')), [utc('2026-07-15T11:00')])
  })

  it('are none in the hour that is left out in spring', () => {
    assert.deepEqual(dublin.instantsAt(utc('2026-03-29T00:59')), [utc('2026-03-29T00:59')])
    assert.deepEqual(dublin.instantsAt(utc('2026-03-29T01:00')), [])
    assert.deepEqual(dublin.instantsAt(utc('2026-03-29T01:59')), [])
    assert.deepEqual(dublin.instantsAt(utc('2026-03-29T02:00')), [utc('2026-03-29T01:00')])
  })

  it('are two in the hour that is repeated in autumn, the first pass first', () => {
    assert.deepEqual(dublin.instantsAt(utc('2026-10-25T00:59')), [utc('2026-10-24T23:59')])
    assert.deepEqual(dublin.instantsAt(utc('2026-10-25T01:00')), [
      utc('2026-10-25T00:00'),
      utc('2026-10-25T01:00'),
    ])
    assert.deepEqual(dublin.instantsAt(utc('2026-10-25T02:00')), [utc('2026-10-25T02:00')])
  })

  it('have the one at which the time was shown among them, in any region and year', () => {
    const zones = ['Europe/Dublin', 'Europe/Paris', 'America/St_Johns', 'Australia/Lord_Howe', 'UTC'] as const
    const clocks = new Map(zones.map((zone) => [zone, createWallClock(zone)]))
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(2000, 0) / 60_000, max: Date.UTC(2040, 0) / 60_000 }),
        (zone, minute) => {
          const at = instant(minute * 60_000)
          assert.ok(clocks.get(zone)?.instantsAt(shownAt(at, zone)).includes(at))
        },
      ),
    )
  })
})

describe('times that clocks showed one after another', () => {
  it('are told apart by their order where an hour is repeated', () => {
    const shown = ['01:30', '01:45', '01:00', '01:15'].map((time) => utc(`2026-10-25T${time}`))
    assert.deepEqual(
      instantsInOrder(dublin, shown),
      ['00:30', '00:45', '01:00', '01:15'].map((time) => utc(`2026-10-25T${time}`)),
    )
  })

  it('are unknown where the clocks never showed them, and stay what they are where they go back', () => {
    assert.deepEqual(instantsInOrder(dublin, [utc('2026-03-29T01:30'), utc('2026-03-29T02:00')]), [
      undefined,
      utc('2026-03-29T01:00'),
    ])
    assert.deepEqual(instantsInOrder(dublin, [utc('2026-01-02T00:00'), utc('2026-01-01T00:00')]), [
      utc('2026-01-02T00:00'),
      utc('2026-01-01T00:00'),
    ])
  })

  it('rise without a gap across any days, those on which clocks change included', () => {
    const changes = [utc('2026-03-29T01:00'), utc('2026-10-25T01:00')]
    fc.assert(
      fc.property(
        fc.constantFrom(...changes),
        fc.integer({ min: -200, max: 100 }),
        fc.integer({ min: 110, max: 300 }),
        (change, first, count) => {
          const passed = Array.from({ length: count }, (_, index) =>
            instant(change + (first + index) * quarter),
          )
          const [start = change] = passed
          // A series that begins within the second pass cannot know it.
          fc.pre(shownAt(start) > shownAt(instant(start - 4 * quarter)))
          assert.deepEqual(
            instantsInOrder(
              dublin,
              passed.map((at) => shownAt(at)),
            ),
            passed,
          )
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('the days of a calendar', () => {
  const days = (from: string, to: string) =>
    daysOf(dublin, { from: utc(from), to: utc(to) }).map(({ year, month, day }) => [year, month, day])

  it('are those that an interval touches, as the clocks show them', () => {
    assert.deepEqual(days('2026-07-01T22:59', '2026-07-01T23:00'), [[2026, 7, 1]])
    assert.deepEqual(days('2026-07-01T22:59', '2026-07-01T23:01'), [
      [2026, 7, 1],
      [2026, 7, 2],
    ])
    assert.deepEqual(days('2026-12-31T23:00', '2027-01-01T01:00'), [
      [2026, 12, 31],
      [2027, 1, 1],
    ])
  })

  it('are one on a day of 23 or 25 hours', () => {
    assert.deepEqual(days('2026-03-29T00:00', '2026-03-29T23:00'), [[2026, 3, 29]])
    assert.deepEqual(days('2026-10-24T23:00', '2026-10-26T00:00'), [[2026, 10, 25]])
  })

  it('are none in an empty interval', () => {
    assert.deepEqual(days('2026-07-01T00:00', '2026-07-01T00:00'), [])
  })
})
