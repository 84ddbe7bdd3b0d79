import { acceptedTime, parseIsoTime } from '../../iso-time.ts'
import { type Instant, instant } from '../../units.ts'
import { RequestError, shown } from './problem.ts'

const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** The beginning of the years that ISO 8601 writes with four digits. */
const earliest = Date.UTC(0, 0, 1)

const relativeTime = /^now(?:-(\d{1,9})([smhd]))?$/
const duration = /^(\d{1,9})([smhd])?$/

/** The instant that an ISO 8601 time or a time relative to `now`, such as `now-24h`, names. Throws RequestError (400). */
export function momentOf(field: string, text: string, now: Instant): Instant {
  const time = relativeMoment(text, now) ?? parseIsoTime(text)
  if (time !== undefined) return time
  throw new RequestError(
    400,
    `${field} is ${shown(text)}; it must be ${acceptedTime}, or now, now-15m, now-24h, now-7d`,
  )
}

function relativeMoment(text: string, now: Instant): Instant | undefined {
  const relative = relativeTime.exec(text)
  if (relative === null) return undefined
  const [, count = '0', unit = 's'] = relative
  const at = instant(now - Number(count) * (secondsPerUnit[unit] ?? 1) * 1000)
  return at < earliest ? undefined : at
}

/** A whole number of seconds, written as `300` or `5m`. Throws RequestError (400) outside the limits. */
export function secondsOf(
  field: string,
  text: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const [, count = '', unit = 's'] = duration.exec(text) ?? []
  const seconds = count === '' ? Number.NaN : Number(count) * (secondsPerUnit[unit] ?? 1)
  if (seconds >= least && seconds <= most) return seconds
  throw new RequestError(
    400,
    `${field} is ${shown(text)}; it must be a whole number of seconds from ${least} to ${most}, such as 300, 30s, 5m, 1h or 1d`,
  )
}
