import { acceptedMoment, parseMoment, parseSeconds } from '../../relative-time.ts'
import type { Instant } from '../../units.ts'
import { RequestError, shown } from './problem.ts'

/** The instant that an ISO 8601 time or a time relative to `now`, such as `now-24h`, names. Throws RequestError (400). */
export function momentOf(field: string, text: string, now: Instant): Instant {
  const time = parseMoment(text, now)
  if (time !== undefined) return time
  throw new RequestError(400, `${field} is ${shown(text)}; it must be ${acceptedMoment}`)
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
