import { acceptedTime, parseIsoTime } from './iso-time.ts'
import { type Instant, instant } from './units.ts'

export const acceptedMoment = `${acceptedTime}, or now, now-15m, now-24h, now-7d`
export const acceptedDuration = 'a number of seconds such as 300, or 30s, 5m, 1h, 1d'

const secondsPerUnit: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
])

/** The beginning of the years that ISO 8601 writes with four digits. */
const earliest = Date.UTC(0, 0, 1)

/** The instant that an ISO 8601 time, or a time relative to `now` such as `now-24h`, names. */
export function parseMoment(text: string, now: Instant): Instant | undefined {
  const relative = /^now(?:-(\d{1,9}[smhd]))?$/.exec(text)
  if (relative === null) return parseIsoTime(text)
  const seconds = relative[1] === undefined ? 0 : parseSeconds(relative[1])
  const at = seconds === undefined ? undefined : instant(now - seconds * 1000)
  return at === undefined || at < earliest ? undefined : at
}

/** A whole number of seconds, written as `300` or `5m`. */
export function parseSeconds(text: string): number | undefined {
  const [, count = '', unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(text) ?? []
  return count === '' ? undefined : Number(count) * (secondsPerUnit.get(unit) ?? 1)
}
