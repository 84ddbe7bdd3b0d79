/**
 * Physical quantities as types: a number that knows its unit. The unit exists for the compiler alone; at run
 * time a quantity is the plain number, exact to the last bit.
 *
 * Inside the program the type says the unit. Where types end (JSON, CSV, environment, logs) the name says it.
 */

declare const unit: unique symbol

type Quantity<Unit extends string> = number & { readonly [unit]: Unit }

/** Energy. */
export type Joules = Quantity<'J'>
/** Power: joules per second. */
export type Watts = Quantity<'W'>
/** Mass of greenhouse gases, as grams of carbon dioxide equivalent. */
export type GramsCO2e = Quantity<'gCO2e'>
/** Carbon intensity of electricity. */
export type GramsPerKilowattHour = Quantity<'gCO2e/kWh'>
/** A moment: milliseconds since 1970-01-01T00:00:00Z, without leap seconds. May be -Infinity or Infinity in an open interval. */
export type Instant = Quantity<'ms UTC'>

/** The time from `from` to `to`. Which end belongs to it is said where it matters. */
export type Interval = { readonly from: Instant; readonly to: Instant }

export const joules = (value: number) => value as Joules
export const watts = (value: number) => value as Watts
export const gramsCO2e = (value: number) => value as GramsCO2e
export const gramsPerKilowattHour = (value: number) => value as GramsPerKilowattHour
export const instant = (millisecondsUtc: number) => millisecondsUtc as Instant

const millisecondsPerSecond = 1000
/** One kilowatt hour is 1000 W for 3600 s. */
const joulesPerKilowattHour = 3_600_000

/** The seconds between two instants; negative when `to` lies before `from`. */
export function secondsBetween(from: Instant, to: Instant): number {
  return (to - from) / millisecondsPerSecond
}

/** Mean power of `energy` used during `interval`. Infinite for an empty interval with energy in it, never NaN. */
export function meanPower(energy: Joules, interval: Interval): Watts {
  return energy === 0 ? watts(0) : watts(energy / secondsBetween(interval.from, interval.to))
}

/** Emissions of `energy` at a constant `intensity`: J / 3.6e6 J/kWh x g/kWh. */
export function emissionsOf(energy: Joules, intensity: GramsPerKilowattHour): GramsCO2e {
  return gramsCO2e((energy / joulesPerKilowattHour) * intensity)
}

/** The intensity at which `energy` emits as much as that; undefined where either is not known, or there is no energy. */
export function intensityOf(
  emitted: GramsCO2e | undefined,
  energy: Joules,
): GramsPerKilowattHour | undefined {
  if (emitted === undefined || !(energy > 0)) return undefined
  return gramsPerKilowattHour((emitted / energy) * joulesPerKilowattHour)
}

/** Rate of emission, in grams per second, of a constant `power` at a constant `intensity`. */
export function emissionRateOf(power: Watts, intensity: GramsPerKilowattHour): number {
  return (power / joulesPerKilowattHour) * intensity
}

/**
 * An instant as ISO 8601 in UTC with six decimals and a numeric offset, as the predecessor wrote it:
 * `2026-02-11T10:00:10.000000+00:00`. Throws RangeError for what is no instant.
 *
 * The calendar is asked once for all instants of a day that follow each other, and the text is put together of few
 * parts: a sixth of the time, which was a quarter of that of an answer.
 */
export function isoWithMicroseconds(at: Instant): string {
  const milliseconds = Math.trunc(at)
  const day = Math.floor(milliseconds / millisecondsPerDay)
  if (day !== lastDay.day) {
    const text = new Date(milliseconds).toISOString().slice(0, -'00:00:00.000Z'.length)
    lastDay = { day, text }
  }
  const ofDay = milliseconds - day * millisecondsPerDay
  const fraction = ofDay % millisecondsPerSecond
  const second = (ofDay - fraction) / millisecondsPerSecond
  const minute = Math.floor(second / 60)
  const hour = Math.floor(minute / 60)
  const clock = `${twoDigits[hour]}:${twoDigits[minute - 60 * hour]}:${twoDigits[second - 60 * minute]}`
  return lastDay.text + clock + fractionTexts[fraction]
}

const millisecondsPerDay = 86_400_000
/** The day that was written last, up to the `T`. */
let lastDay = { day: Number.NaN, text: '' }
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))
const fractionTexts = Array.from(
  { length: millisecondsPerSecond },
  (_, milliseconds) => `.${String(milliseconds).padStart(3, '0')}000+00:00`,
)
