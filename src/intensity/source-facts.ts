import { gramsPerKilowattHour, type Instant, type Interval } from '../units.ts'
import { type IntensityFact, type IntensityMethod, whyImplausible } from './fact.ts'
import { type AboutSource, SourceError } from './source.ts'

/** What a source said about a zone: grams of CO2e per kWh, and for when. */
export type Figure = {
  readonly valid: Interval
  readonly grams: number
  readonly method: IntensityMethod
}

/** Whose figures they are, and since when we know them. */
export type Told = {
  readonly id: string
  readonly about: AboutSource
  readonly rank: number
  readonly learnedAt: Instant
}

/**
 * The facts that a source told at one moment. Throws SourceError (`unexpected-answer`) for a figure that cannot be a
 * carbon intensity: a source that has changed its unit is not believed by halves.
 */
export function factsFrom(told: Told, zone: string, figures: readonly Figure[]): readonly IntensityFact[] {
  return figures.map(({ valid, grams, method }) => {
    const why = whyImplausible(grams)
    if (why !== undefined) {
      const at = new Date(valid.from).toISOString()
      throw new SourceError(
        { kind: 'unexpected-answer' },
        `${told.about.name} answered with an intensity of ${zone} at ${at} that ${why}`,
      )
    }
    return {
      zone,
      valid,
      intensity: gramsPerKilowattHour(grams),
      source: told.id,
      method,
      signal: told.about.signal,
      basis: told.about.basis,
      rank: told.rank,
      learnedAt: told.learnedAt,
    }
  })
}

/** A figure that was measured, or else one that was expected; none where the source has neither. */
export function measuredOrForecast(
  valid: Interval,
  measured: number | undefined,
  forecast: number | undefined,
): readonly Figure[] {
  if (measured !== undefined) return [{ valid, grams: measured, method: { kind: 'measured' } }]
  if (forecast !== undefined) return [{ valid, grams: forecast, method: { kind: 'forecast' } }]
  return []
}

/** What holds at some time within `during`. */
export function holdingWithin<Held extends { readonly valid: Interval }>(
  held: readonly Held[],
  during: Interval,
): readonly Held[] {
  return held.filter(({ valid }) => valid.from < during.to && valid.to > during.from)
}

/** What holds by `now`, without what only begins later. */
export function begunBy<Held extends { readonly valid: Interval }>(
  held: readonly Held[],
  now: Instant,
): readonly Held[] {
  return held.filter(({ valid }) => valid.from <= now)
}

/** What is expected from `now` on. */
export function expectedAfter(figures: readonly Figure[], now: Instant): readonly Figure[] {
  return figures.filter(({ valid, method }) => method.kind === 'forecast' && valid.to > now)
}
