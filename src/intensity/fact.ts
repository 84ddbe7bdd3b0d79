import type { GramsPerKilowattHour, Instant, Interval } from '../units.ts'

/** How a source came by a figure. */
export type IntensityMethod =
  | { readonly kind: 'measured' }
  /** A stand-in for a measurement; `detail` is the source's own word for how it was made. */
  | { readonly kind: 'estimated'; readonly detail?: string }
  | { readonly kind: 'forecast' }
  | { readonly kind: 'annual-average'; readonly year: number }
  /** Set by whoever runs the program. */
  | { readonly kind: 'configured' }

/** Emissions per mean kilowatt hour, or per the next one that is asked for. The two are never mixed. */
export type IntensitySignal = 'average' | 'marginal'

/** Which emissions are counted: of the whole life cycle, or of the chimney alone. */
export type IntensityBasis = 'lifecycle' | 'direct' | 'unstated'

/** What one source said about one zone. Facts are only ever added, never changed. */
export type IntensityFact = {
  readonly zone: string
  /** Half-open `[from, to)`; either end may be infinite. */
  readonly valid: Interval
  readonly intensity: GramsPerKilowattHour
  /** The id of the source, such as `ember-annual`. */
  readonly source: string
  readonly method: IntensityMethod
  readonly signal: IntensitySignal
  readonly basis: IntensityBasis
  /** The place of the source in the chain of sources: lower is better. */
  readonly rank: number
  /** From when on we knew it; -Infinity for what ships with the program. */
  readonly learnedAt: Instant
}

/** In g/kWh. The highest national figure is 1306.3: Turkmenistan 2023, see `data/annual-intensity/SOURCE.md`. */
const highestPlausible = 2000

/**
 * Why a figure, in g/kWh, cannot be a carbon intensity, or undefined if it can. An explicit 0 can: a source that
 * has no figure says so in other ways, and its adapter must not turn them into 0.
 */
export function whyImplausible(intensity: number): string | undefined {
  if (Number.isNaN(intensity)) return 'is not a number'
  if (intensity < 0) return 'is negative'
  if (intensity > highestPlausible) return `is above ${highestPlausible} g/kWh`
  return undefined
}

/** Whether a figure is one of its time, and not of all times alike: only such figures tell one hour from another. */
export function tellsTimesApart({ method, valid }: IntensityFact): boolean {
  return method.kind !== 'annual-average' && Number.isFinite(valid.from) && Number.isFinite(valid.to)
}
