import type { IntensityFact } from '../intensity/fact.ts'
import type { KnownPiece } from '../intensity/timeline.ts'
import { type GramsPerKilowattHour, gramsPerKilowattHour } from '../units.ts'

/** An hour of the day (UTC) over several days. */
export type HourProfile = {
  /** Time-weighted over what is known. */
  readonly mean: GramsPerKilowattHour
  /** On how many days something is known of it. */
  readonly days: number
  readonly msByFact: ReadonlyMap<IntensityFact, number>
}

/** The 24 hours of the day, from midnight UTC; undefined where nothing is known on any day. */
export type DailyProfile = readonly (HourProfile | undefined)[]

export type ProfileWindow = {
  /** The hour in which it begins. */
  readonly hour: number
  readonly mean: GramsPerKilowattHour
  /** On as many days each of its hours is known, at least. */
  readonly days: number
  /** Whose figures, and for which share of the window. */
  readonly shares: readonly { readonly fact: IntensityFact; readonly share: number }[]
}

const hourMs = 3_600_000
const hoursPerDay = 24

/** How the intensity goes with the hour of the day, out of known pieces. */
export function dailyProfile(pieces: readonly KnownPiece[]): DailyProfile {
  const hours = Array.from({ length: hoursPerDay }, () => ({
    days: new Set<number>(),
    msByFact: new Map<IntensityFact, number>(),
  }))
  for (const { during, fact } of pieces) {
    for (let from: number = during.from; from < during.to; ) {
      const hourOfAllTime = Math.floor(from / hourMs)
      const to = Math.min(during.to, (hourOfAllTime + 1) * hourMs)
      const hour = hours[hourOfAllTime % hoursPerDay]
      hour?.days.add(Math.floor(hourOfAllTime / hoursPerDay))
      hour?.msByFact.set(fact, (hour.msByFact.get(fact) ?? 0) + (to - from))
      from = to
    }
  }
  return hours.map(({ days, msByFact }) => {
    let time = 0
    let load = 0
    for (const [fact, ms] of msByFact) {
      time += ms
      load += fact.intensity * ms
    }
    return time === 0 ? undefined : { mean: gramsPerKilowattHour(load / time), days: days.size, msByFact }
  })
}

/** The window of this length that begins with an hour of the day; undefined where one of its hours is not known. */
export function profileWindow(
  profile: DailyProfile,
  hour: number,
  lengthMs: number,
): ProfileWindow | undefined {
  let load = 0
  let days = Number.POSITIVE_INFINITY
  const shares = new Map<IntensityFact, number>()
  for (let passedMs = 0; passedMs < lengthMs; passedMs += hourMs) {
    const found = profile[(hour + passedMs / hourMs) % hoursPerDay]
    if (found === undefined) return undefined
    const share = Math.min(hourMs, lengthMs - passedMs) / lengthMs
    load += found.mean * share
    days = Math.min(days, found.days)
    const known = found.msByFact.values().reduce((sum, ms) => sum + ms, 0)
    for (const [fact, ms] of found.msByFact) shares.set(fact, (shares.get(fact) ?? 0) + (share * ms) / known)
  }
  return {
    hour,
    mean: gramsPerKilowattHour(load),
    days,
    shares: Array.from(shares, ([fact, share]) => ({ fact, share })),
  }
}

/** The hour of the day with which a window of this length does best; of equally good ones the first. */
export function bestHour(profile: DailyProfile, lengthMs: number): ProfileWindow | undefined {
  let best: ProfileWindow | undefined
  for (let hour = 0; hour < hoursPerDay; hour += 1) {
    const window = profileWindow(profile, hour, lengthMs)
    if (window !== undefined && (best === undefined || window.mean < best.mean)) best = window
  }
  return best
}
