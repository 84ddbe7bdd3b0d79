import type { EnergySample } from '../energy/energy-sample.ts'
import type { TimelinePiece } from '../intensity/timeline.ts'
import { type GramsCO2e, gramsCO2e, type Interval, type Joules, joules } from '../units.ts'
import { type Emission, emissionOf } from './emission.ts'
import { createProvenanceTally, type Provenance } from './provenance.ts'

/** What a workload's energy emitted in one zone, or would have emitted there. */
export type ZoneEmissions = {
  /** One for each sample. Those of many are worked out anew whenever they are gone through: a long answer is never held as a whole. */
  readonly emissions: Iterable<Emission>
  readonly energy: Joules
  /** Of the energy whose intensity is known. */
  readonly emitted: GramsCO2e
  /** Energy in intervals for which no intensity is known; it is part of `energy` and not of `emitted`. */
  readonly energyWithoutIntensity: Joules
  /** The share of the selected time that energy samples cover. */
  readonly coverage: number
  readonly provenance: Provenance
}

const mostHeld = 1000

/**
 * Emissions of `samples` in a zone with this `timeline`. Sums are sums of samples. `coverage` is the share of the selected
 * time that the samples cover: the same in every zone.
 */
export function zoneEmissions(
  samples: readonly EnergySample[],
  { coverage, timeline }: { readonly coverage: number; readonly timeline: readonly TimelinePiece[] },
): ZoneEmissions {
  const emissions: Iterable<Emission> =
    samples.length <= mostHeld
      ? samples.map((sample) => emissionOf(sample, timeline))
      : {
          *[Symbol.iterator]() {
            for (const sample of samples) yield emissionOf(sample, timeline)
          },
        }
  let energy = 0
  let emitted = 0
  let energyWithoutIntensity = 0
  const tally = createProvenanceTally()
  for (const emission of emissions) {
    tally.add(emission)
    energy += emission.sample.energy
    if (emission.kind === 'known') emitted += emission.emitted
    else energyWithoutIntensity += emission.sample.energy
  }
  return {
    emissions,
    energy: joules(energy),
    emitted: gramsCO2e(emitted),
    energyWithoutIntensity: joules(energyWithoutIntensity),
    coverage,
    provenance: tally.result(),
  }
}

/** The time that `samples` (ascending by their end) reach over; undefined without samples. */
export function spanOf(samples: readonly EnergySample[]): Interval | undefined {
  const last = samples.at(-1)
  if (last === undefined) return undefined
  let from = last.during.from
  for (const { during } of samples) if (during.from < from) from = during.from
  return { from, to: last.during.to }
}
