import { type Instant, type Interval, instant } from '../units.ts'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

/** What of `during` lies before `now`; empty when nothing does. Throws RangeError for a time without a beginning. */
export function pastOf(during: Interval, now: Instant): Interval {
  if (!Number.isFinite(during.from)) throw new RangeError('a time without a beginning cannot be asked for')
  return { from: during.from, to: instant(Math.min(during.to, now)) }
}

/** `during` cut at the first instant (UTC) of each month; nothing for an empty interval. */
export function monthsOf(during: Interval): readonly Interval[] {
  return partsOf(during, (at) => {
    const date = new Date(at)
    return instant(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1))
  })
}

/** `during` cut into pieces of `days`, the last one shorter; nothing for an empty interval. */
export function piecesOfDays(during: Interval, days: number): readonly Interval[] {
  return partsOf(during, (at) => instant(at + days * dayMs))
}

function partsOf(during: Interval, cutAfter: (at: Instant) => Instant): readonly Interval[] {
  const parts: Interval[] = []
  let from = during.from
  while (from < during.to) {
    const to = instant(Math.min(cutAfter(from), during.to))
    parts.push({ from, to })
    from = to
  }
  return parts
}

/** The whole hours (UTC) that `during` touches. */
export function wholeHours(during: Interval): Interval {
  return wholeSteps(during, hourMs)
}

/** The whole days (UTC) that `during` touches. */
export function wholeDays(during: Interval): Interval {
  return wholeSteps(during, dayMs)
}

function wholeSteps({ from, to }: Interval, stepMs: number): Interval {
  return {
    from: instant(Math.floor(from / stepMs) * stepMs),
    to: instant(Math.ceil(to / stepMs) * stepMs),
  }
}

/** `2026-10-04T13:00`, in UTC. */
export function minuteOf(at: Instant): string {
  return new Date(at).toISOString().slice(0, 16)
}
