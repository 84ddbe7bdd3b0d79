import { spanOf, type ZoneEmissions, zoneEmissions } from '../emissions/emissions-report.ts'
import type { EnergyLedger } from '../energy/energy-ledger.ts'
import type { SampleSelection } from '../energy/node-history.ts'
import type { Workload } from '../energy/workload.ts'
import type { FactBook } from '../intensity/fact-book.ts'
import type { Instant, Interval } from '../units.ts'

export type EmissionsQuestion = {
  readonly workload: Workload
  readonly zones: readonly string[]
  readonly selection: SampleSelection
}

export type EmissionsAnswer =
  | {
      readonly kind: 'found'
      /** The selected range, or the time that the last samples reach over. */
      readonly window: Interval
      /** In the order of the question's zones. */
      readonly perZone: readonly ZoneEmissions[]
    }
  | { readonly kind: 'no-data' }
  /** More measurements, over all zones, than are put in one answer. */
  | { readonly kind: 'too-many'; readonly measurements: number; readonly most: number }

/** An answer of this size is some 80 MB of JSON; a month every ten seconds in one country is a third more. */
const mostMeasurements = 200_000

/** Answers what a workload emitted, from the samples at hand and from what is known about intensities now. */
export type EmissionsReporter = (question: EmissionsQuestion) => EmissionsAnswer

export function createEmissionsReporter(ports: {
  readonly ledger: Pick<EnergyLedger, 'samplesOf'>
  readonly intensities: Pick<FactBook, 'timeline'>
  readonly now: () => Instant
}): EmissionsReporter {
  return ({ workload, zones, selection }) => {
    const samples = ports.ledger.samplesOf(workload, selection)
    const span = spanOf(samples)
    if (span === undefined) return { kind: 'no-data' }
    const measurements = samples.length * zones.length
    if (measurements > mostMeasurements) return { kind: 'too-many', measurements, most: mostMeasurements }
    const window = selection.kind === 'range' ? { from: selection.from, to: selection.to } : span
    const asOf = ports.now()
    const perZone = zones.map((zone) =>
      zoneEmissions(samples, { window, timeline: ports.intensities.timeline(zone, span, asOf) }),
    )
    return { kind: 'found', window, perZone }
  }
}
