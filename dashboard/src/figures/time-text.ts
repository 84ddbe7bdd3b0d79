import { type Bounds, day, hour, minute } from '../address/time-range.ts'

/** A length of time in its two greatest units: `1 h 12 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(Math.abs(seconds))
  if (whole < 2 * minute) return `${whole}\u00A0s`
  const minutes = Math.round(whole / minute)
  if (minutes < 60) return `${minutes}\u00A0min`
  if (minutes < 48 * 60) return twoUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
  const hours = Math.round(whole / hour)
  return twoUnits(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

/** Seconds from one moment to another, as the API writes them. */
export function secondsOf({ from, to }: { readonly from: string; readonly to: string }): number {
  return (Date.parse(to) - Date.parse(from)) / 1000
}

/** How long ago something was: `just now`, also where clocks differ, `12 s ago`, `3 min ago`. */
export function ago(seconds: number): string {
  return seconds < 2 ? 'just now' : `${oneUnit(seconds)} ago`
}

/** A length of time in its greatest unit alone. */
export function oneUnit(seconds: number): string {
  const whole = Math.floor(Math.abs(seconds))
  if (whole < 2 * minute) return `${whole}\u00A0s`
  if (whole < 2 * hour) return `${Math.floor(whole / minute)}\u00A0min`
  if (whole < 2 * day) return `${Math.floor(whole / hour)}\u00A0h`
  return `${Math.floor(whole / day)}\u00A0d`
}

/** Local time of day, such as 14:05, or 14:05:09 where seconds matter. */
export function clock(at: number, precision: 'minutes' | 'seconds' = 'minutes'): string {
  const date = new Date(at)
  const parts = [date.getHours(), date.getMinutes(), ...(precision === 'seconds' ? [date.getSeconds()] : [])]
  return parts.map(twoDigits).join(':')
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Local day and month, such as 11 Feb. */
export function dayOf(at: number): string {
  const date = new Date(at)
  return `${date.getDate()} ${months[date.getMonth()]}`
}

/** A moment, with its day where that is not the day of `now`. */
export function moment(at: number, now: number): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString()
  return isToday ? clock(at) : `${dayOf(at)} ${clock(at)}`
}

/** Two moments: both with their days where those differ, else the one day where it is not that of `now`. */
export function fromTo({ from, to }: Bounds, now: number): string {
  const isOneDay = new Date(from).toDateString() === new Date(to).toDateString()
  if (isOneDay) return `${moment(from, now)} to ${clock(to)}`
  return `${dayOf(from)} ${clock(from)} to ${dayOf(to)} ${clock(to)}`
}

/**
 * What stands below a time axis at `ticks` (seconds since 1970) that are `incrementSeconds` apart: the time of day, and
 * the day where one begins, or where the first tick is.
 */
export function axisTimes(ticks: readonly number[], incrementSeconds: number): readonly string[] {
  return ticks.map((tick, at) => {
    const here = tick * 1000
    if (incrementSeconds >= day) return dayOf(here)
    const before = ticks[at - 1]
    const isNewDay = before !== undefined && dayOf(before * 1000) !== dayOf(here)
    const time = clock(here, incrementSeconds < minute ? 'seconds' : 'minutes')
    return isNewDay ? (time === '00:00' ? dayOf(here) : `${time}\n${dayOf(here)}`) : time
  })
}

function twoUnits(greater: number, greaterUnit: string, lesser: number, lesserUnit: string): string {
  const first = `${greater}\u00A0${greaterUnit}`
  return lesser === 0 ? first : `${first} ${lesser}\u00A0${lesserUnit}`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
