import type { EnergySample } from '../energy/energy-sample.ts'
import {
  type IntensityShare,
  intensityOver,
  type MeanIntensity,
  type TimelinePiece,
} from '../intensity/timeline.ts'
import { emissionsOf, type GramsCO2e, type GramsPerKilowattHour } from '../units.ts'

/** What an energy sample emitted in one zone. */
export type Emission =
  | {
      readonly kind: 'known'
      readonly sample: EnergySample
      readonly emitted: GramsCO2e
      /** Time-weighted over the sample's interval, in which its power counts as constant. */
      readonly meanIntensity: GramsPerKilowattHour
      /** Whose figures, and for which share of the interval. */
      readonly shares: readonly IntensityShare[]
    }
  /** For some of the interval no intensity is known, so no figure is given for it. */
  | { readonly kind: 'unknown'; readonly sample: EnergySample; readonly knownShare: number }

/**
 * Energy times intensity, integrated over the sample's interval: each piece of the timeline gets the energy of the
 * time that they share, J x share / 3.6e6 J/kWh x g/kWh. Since power counts as constant within a sample, that is the
 * energy times the time-weighted mean intensity.
 */
export function emissionOf(sample: EnergySample, timeline: readonly TimelinePiece[]): Emission {
  return emissionAt(sample, intensityOver(timeline, sample.during))
}

/** The same where the mean intensity over the sample's interval is known already. */
export function emissionAt(sample: EnergySample, intensity: MeanIntensity): Emission {
  if (intensity.kind === 'unknown') return { kind: 'unknown', sample, knownShare: intensity.knownShare }
  return {
    kind: 'known',
    sample,
    emitted: emissionsOf(sample.energy, intensity.mean),
    meanIntensity: intensity.mean,
    shares: intensity.shares,
  }
}
