import { acceptedMoment, parseMoment, parseSeconds } from '../../relative-time.ts'
import { type Instant, type Interval, instant } from '../../units.ts'
import { RequestError, shown } from './problem.ts'

const dayMs = 86_400_000

/** The instant that an ISO 8601 time or a time relative to `now`, such as `now-24h`, names. Throws RequestError (400). */
export function momentOf(field: string, text: string, now: Instant): Instant {
  const time = parseMoment(text, now)
  if (time !== undefined) return time
  throw new RequestError(400, `${field} is ${shown(text)}; it must be ${acceptedMoment}`)
}

/** The time between `from` and `to`, which is now where it is left out. Throws RequestError (400) where it is empty or too long. */
export function rangeOf(
  query: { readonly from?: string; readonly to?: string },
  now: Instant,
  { defaultSeconds, mostDays }: { readonly defaultSeconds: number; readonly mostDays: number },
): Interval {
  const to = query.to === undefined ? now : momentOf('to', query.to, now)
  const from =
    query.from === undefined ? instant(to - defaultSeconds * 1000) : momentOf('from', query.from, now)
  if (from >= to) {
    throw new RequestError(
      400,
      `from is ${shown(query.from)} and to is ${shown(query.to ?? 'now')}; from must be before to`,
    )
  }
  refuseLong({ from, to }, mostDays)
  return { from, to }
}

/** Throws RequestError (400) for a time that is longer than an answer may be about. */
export function refuseLong({ from, to }: Interval, mostDays: number): void {
  if (to - from <= mostDays * dayMs) return
  throw new RequestError(400, `from and to are more than ${mostDays} days apart; ask for a shorter time`)
}

/** A whole number of seconds, written as `300` or `5m`. Throws RequestError (400) outside the limits. */
export function secondsOf(
  field: string,
  text: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const seconds = parseSeconds(text)
  if (seconds !== undefined && seconds >= least && seconds <= most) return seconds
  throw new RequestError(
    400,
    `${field} is ${shown(text)}; it must be a whole number of seconds from ${least} to ${most}, such as 300, 30s, 5m, 1h or 1d`,
  )
}
