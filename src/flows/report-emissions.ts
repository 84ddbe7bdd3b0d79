import { coverageOf } from '../emissions/coverage.ts'
import { spanOf, type ZoneEmissions, zoneEmissions } from '../emissions/emissions-report.ts'
import type { EnergySample } from '../energy/energy-sample.ts'
import type { SampleSelection } from '../energy/node-history.ts'
import type { Workload } from '../energy/workload.ts'
import type { FactBook } from '../intensity/fact-book.ts'
import type { FactSeries } from '../intensity/preference.ts'
import type { Instant, Interval } from '../units.ts'
import type { SampleReader } from './read-samples.ts'

export type EmissionsQuestion = {
  readonly workload: Workload
  readonly zones: readonly string[]
  readonly selection: SampleSelection
  /** Intensities as they were known then; undefined for as they are known now. */
  readonly asOf: Instant | undefined
  /** Which emissions of electricity are counted. */
  readonly series: FactSeries
}

export type EmissionsAnswer =
  | {
      readonly kind: 'found'
      /** The selected range, or the time that the last samples reach over. */
      readonly window: Interval
      readonly samples: readonly EnergySample[]
      /** What of the question's time could not be looked up, each as a sentence. */
      readonly warnings: readonly string[]
      /** In the order of the question's zones. */
      readonly perZone: readonly ZoneEmissions[]
    }
  | { readonly kind: 'no-data' }
  /** More measurements, over all zones, than are put in one answer. */
  | { readonly kind: 'too-many'; readonly most: number }

/** A month every ten seconds in seven countries; some 800 MB of JSON, which is streamed. */
const mostMeasurements = 2_000_000

/**
 * Answers what a workload emitted. Throws StoreError when a store is away, and the signal's reason when it aborts.
 */
export type EmissionsReporter = (question: EmissionsQuestion, signal: AbortSignal) => Promise<EmissionsAnswer>

export function createEmissionsReporter(ports: {
  readonly samples: Pick<SampleReader, 'samplesOf'>
  readonly intensities: Pick<FactBook, 'timeline'>
  readonly now: () => Instant
}): EmissionsReporter {
  return async ({ workload, zones, selection, asOf, series }, signal) => {
    const reading = await ports.samples.samplesOf(workload, selection, signal)
    if (reading.kind === 'too-many') return { kind: 'too-many', most: reading.most }
    const { samples } = reading
    const span = spanOf(samples)
    if (span === undefined) return { kind: 'no-data' }
    if (samples.length * zones.length > mostMeasurements) return { kind: 'too-many', most: mostMeasurements }
    const window = selection.kind === 'range' ? { from: selection.from, to: selection.to } : span
    const knownAt = asOf ?? ports.now()
    const coverage = coverageOf(
      window,
      samples.map(({ during }) => during),
    )
    const perZone = zones.map((zone) =>
      zoneEmissions(samples, { coverage, timeline: ports.intensities.timeline(zone, span, knownAt, series) }),
    )
    return { kind: 'found', window, samples, warnings: reading.warnings, perZone }
  }
}
