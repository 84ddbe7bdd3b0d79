import { type Instant, type Interval, instant } from '../units.ts'
import { dayMs } from './calendar.ts'

/** A day of a calendar; months count from 1. */
export type CalendarDay = { readonly year: number; readonly month: number; readonly day: number }

/** The clocks of a region, which are changed twice a year. */
export type WallClock = {
  /**
   * The instants at which the clocks show `shown`, ascending: two in the hour that is repeated in autumn, none in the
   * one that is left out in spring. `shown` is what they show, written as if it were UTC.
   */
  instantsAt(shown: Instant): readonly Instant[]
  /** The day that the calendar shows. */
  dayAt(at: Instant): CalendarDay
}

/** `timeZone` is a name of the IANA database, such as `Europe/Dublin`. */
export function createWallClock(timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })

  /** What the clocks show, to the second. */
  function shownAt(at: Instant): Instant {
    const parts = format.formatToParts(at)
    const part = (name: string) => Number(parts.find(({ type }) => type === name)?.value)
    return instant(
      Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')),
    )
  }

  /** What is added to UTC; a whole number of seconds at all times. */
  const offsetAt = (at: Instant) => shownAt(at) - Math.floor(at / 1000) * 1000

  return {
    instantsAt(shown) {
      // The two offsets that may apply are those well before and well after: clocks change months apart.
      const offsets = new Set([offsetAt(instant(shown - dayMs)), offsetAt(instant(shown + dayMs))])
      return Array.from(offsets, (offset) => instant(shown - offset))
        .filter((at) => at + offsetAt(at) === shown)
        .sort((a, b) => a - b)
    },
    dayAt: (at) => dayOf(new Date(shownAt(at))),
  }
}

function dayOf(shown: Date): CalendarDay {
  return { year: shown.getUTCFullYear(), month: shown.getUTCMonth() + 1, day: shown.getUTCDate() }
}

/**
 * The instants of times that clocks showed one after another. In the hour that is repeated in autumn, the order tells
 * the first pass from the second; undefined for a time that the clocks never showed.
 */
export function instantsInOrder(
  clock: WallClock,
  shown: readonly Instant[],
): readonly (Instant | undefined)[] {
  let last = instant(-Infinity)
  return shown.map((time) => {
    const candidates = clock.instantsAt(time)
    const at = candidates.find((candidate) => candidate > last) ?? candidates.at(-1)
    last = at ?? last
    return at
  })
}

/** The days of the calendar that `during` touches, in order; none for an empty interval. */
export function daysOf(clock: WallClock, during: Interval): readonly CalendarDay[] {
  const days: CalendarDay[] = []
  if (during.from >= during.to) return days
  const last = clock.dayAt(instant(during.to - 1))
  const { year, month, day } = clock.dayAt(during.from)
  for (let noon = Date.UTC(year, month - 1, day, 12); ; noon += dayMs) {
    days.push(dayOf(new Date(noon)))
    if (noon >= Date.UTC(last.year, last.month - 1, last.day)) return days
  }
}
