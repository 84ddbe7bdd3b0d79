import type { MetricsConfig } from '../config.ts'
import type { ZoneChoice } from '../flows/emission-metrics.ts'
import type { ZoneDirectory } from '../intensity/zone.ts'
import { mostMetricsZones } from '../settings.ts'
import { StartError } from './start-inputs.ts'

/** The zones that a setting names. Throws StartError for a code that names none. */
export function configuredZones(
  setting: string,
  codes: readonly string[],
  directory: ZoneDirectory,
): readonly string[] {
  const found = codes.map((written) => directory.find(written))
  const problems = found.flatMap((zone) =>
    zone.kind === 'unknown'
      ? [`${setting} holds ${JSON.stringify(zone.given)}, which is no known country or zone`]
      : [],
  )
  if (problems.length > 0) throw new StartError(problems)
  return [...new Set(found.flatMap((zone) => (zone.kind === 'known' ? [zone.zone] : [])))]
}

export type ExportedZones = {
  readonly zones: readonly string[]
  readonly chosenBy: ZoneChoice
  /** Those that were named for it: their intensity is kept current whether or not anybody reads the metrics. */
  readonly inDemand: readonly string[]
  readonly notices: readonly string[]
}

/** The zones whose emissions are metrics. Throws StartError for a code that names none. */
export function exportedZones(
  { zones: codes }: Pick<MetricsConfig, 'zones'>,
  {
    countries,
    directory,
    fallback,
  }: { readonly countries: readonly string[]; readonly directory: ZoneDirectory; readonly fallback: string },
): ExportedZones {
  if (codes !== undefined) {
    const zones = configuredZones('METRICS_ZONES', codes, directory)
    return { zones, chosenBy: 'METRICS_ZONES', inDemand: zones, notices: [] }
  }
  if (countries.length === 0) return { zones: [fallback], chosenBy: 'default', inDemand: [], notices: [] }
  const zones = countries.slice(0, mostMetricsZones)
  const isCut = zones.length < countries.length
  return {
    zones,
    chosenBy: 'COUNTRIES',
    inDemand: [],
    notices: isCut
      ? [
          `/metrics has the emissions in the first ${mostMetricsZones} of the ${countries.length} zones that COUNTRIES names; METRICS_ZONES can name others`,
        ]
      : [],
  }
}
