/** What time a view looks at, as its reader chose it. Times are milliseconds since 1970. */
export type TimeRange =
  | { readonly kind: 'last'; readonly seconds: number }
  /** Since midnight where the reader is. */
  | { readonly kind: 'today' }
  | { readonly kind: 'between'; readonly from: number; readonly to: number }

/** From when to when, in milliseconds since 1970. */
export type Bounds = { readonly from: number; readonly to: number }

export const minute = 60
export const hour = 60 * minute
export const day = 24 * hour

/** The ranges that are offered, in seconds, besides today and two times of one's own. */
export const offeredRanges = [15 * minute, hour, 6 * hour, day, 7 * day, 30 * day] as const

export const lastHour: TimeRange = { kind: 'last', seconds: hour }

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: minute, h: hour, d: day }
const mostSeconds = 366 * day

/** A range as it stands in an address: `1h`, `today`, or two times in UTC with `..` in between. */
export function rangeInAddress(range: TimeRange): string {
  switch (range.kind) {
    case 'last':
      return durationInAddress(range.seconds)
    case 'today':
      return 'today'
    case 'between':
      return `${shortIso(range.from)}..${shortIso(range.to)}`
  }
}

/** The range that stands in an address, or undefined where it is none. */
export function parseRange(text: string): TimeRange | undefined {
  if (text === 'today') return { kind: 'today' }
  const [, count, unit = ''] = /^(\d{1,8})([smhd])$/.exec(text) ?? []
  if (count !== undefined) {
    const seconds = Number(count) * (unitSeconds[unit] ?? 0)
    return seconds > 0 && seconds <= mostSeconds ? { kind: 'last', seconds } : undefined
  }
  const [from, to, ...more] = text.split('..').map((each) => Date.parse(each))
  if (from === undefined || to === undefined || more.length > 0) return undefined
  return from < to && to - from <= mostSeconds * 1000 ? { kind: 'between', from, to } : undefined
}

/** From when to when, with `now` as the end of a range that goes on. */
export function boundsOf(range: TimeRange, now: number): Bounds {
  switch (range.kind) {
    case 'last':
      return { from: now - range.seconds * 1000, to: now }
    case 'today':
      return { from: midnightBefore(now), to: now }
    case 'between':
      return { from: range.from, to: range.to }
  }
}

/** The range as the API's `from` and `to`; a range that goes on stays relative, so that its address stays the same. */
export function rangeAsked(range: TimeRange, now: number): { readonly from: string; readonly to: string } {
  switch (range.kind) {
    case 'last':
      return { from: `now-${durationInAddress(range.seconds)}`, to: 'now' }
    case 'today':
      return { from: new Date(midnightBefore(now)).toISOString(), to: 'now' }
    case 'between':
      return { from: new Date(range.from).toISOString(), to: new Date(range.to).toISOString() }
  }
}

export function isGoingOn(range: TimeRange): boolean {
  return range.kind !== 'between'
}

/** Local midnight, by the clock of the browser. */
export function midnightBefore(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0)
}

const steps = [
  10,
  30,
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  6 * hour,
  12 * hour,
  day,
] as const

/** The finest step, in seconds, that cuts so many seconds into no more than `most` pieces. */
export function stepFor(seconds: number, most: number): number {
  return steps.find((step) => seconds / step <= most) ?? day
}

function durationInAddress(seconds: number): string {
  if (seconds % day === 0) return `${seconds / day}d`
  if (seconds % hour === 0) return `${seconds / hour}h`
  if (seconds % minute === 0) return `${seconds / minute}m`
  return `${seconds}s`
}

function shortIso(at: number): string {
  return new Date(at).toISOString().replace(/(?::00)?\.000Z$/, 'Z')
}
