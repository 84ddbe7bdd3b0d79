import { rankedByGrams, type Saving, savingOf } from '../emissions/compare-zones.ts'
import { createGrouping, createKnownGroupings } from '../emissions/grouping.ts'
import type { Provenance } from '../emissions/provenance.ts'
import type { OwnerDirectory } from '../energy/workload-owner.ts'
import type { FactBook } from '../intensity/fact-book.ts'
import type { GramsCO2e, Joules } from '../units.ts'
import type { EnergyScope, IntensityScope } from './report-group-emissions.ts'
import type { EmissionsSummer, Excess } from './sum-emissions.ts'

export type ComparisonQuestion = EnergyScope &
  IntensityScope & {
    /** Undefined for every zone with figures. */
    readonly zones: readonly string[] | undefined
    /** What the others are compared with. */
    readonly home: string
  }

export type ComparedZone = {
  readonly zone: string
  readonly grams: GramsCO2e
  readonly provenance: Provenance
  /** Against the home zone; undefined where that has no figure for all of the energy. */
  readonly saving: Saving | undefined
}

export type ComparisonAnswer =
  | {
      readonly kind: 'compared'
      readonly energy: Joules
      readonly measuredMs: number
      /** Ascending by grams. */
      readonly zones: readonly ComparedZone[]
      /** Zones that have no figure for some or all of the energy, so that nothing can be compared. */
      readonly withoutFigures: readonly string[]
      readonly warnings: readonly string[]
    }
  | Excess

/** Answers what the same energy would have emitted elsewhere. Throws as an EmissionsSummer does. */
export type ZoneComparer = (question: ComparisonQuestion, signal: AbortSignal) => Promise<ComparisonAnswer>

export function createZoneComparer(ports: {
  readonly sum: EmissionsSummer
  readonly owners: OwnerDirectory
  readonly intensities: Pick<FactBook, 'zones'>
}): ZoneComparer {
  const known = createKnownGroupings()
  return async ({ zones: asked, home, workloads, ...rest }, signal) => {
    const zones = [...new Set([...(asked ?? ports.intensities.zones()), home])]
    const grouping = createGrouping({ dimensions: [], workloads, owners: ports.owners, known })
    const sum = await ports.sum(
      { ...rest, zones, grouping, stepSeconds: undefined, isDetailed: false },
      signal,
    )
    if (sum.kind !== 'summed') return sum
    const found = sum.zones.map(({ zone, timeline, provenance }, at) => {
      const isComplete =
        sum.total.energyWithoutIntensity({ group: 0, zone: at }) === 0 &&
        timeline.some((piece) => piece.kind === 'known')
      return { zone, provenance, grams: isComplete ? sum.total.grams({ group: 0, zone: at }) : undefined }
    })
    const atHome = found.find(({ zone }) => zone === home)?.grams
    const ranked = rankedByGrams(found).map((zone) => ({ ...zone, saving: savingOf(zone.grams, atHome) }))
    return {
      kind: 'compared',
      energy: sum.total.energy({ group: 0 }),
      measuredMs: sum.total.measuredMs({ group: 0 }),
      zones: ranked,
      withoutFigures: found.flatMap(({ zone, grams }) => (grams === undefined ? [zone] : [])).sort(),
      warnings: [...sum.warnings, ...warningsOn(ranked)],
    }
  }
}

function warningsOn(zones: readonly ComparedZone[]): readonly string[] {
  const annual = zones.filter(({ provenance: { parts } }) =>
    parts.some(({ method }) => method.kind === 'annual-average'),
  )
  if (annual.length === 0 || annual.length === zones.length) return []
  return [
    `Annual averages stand in for some or all of the figures of ${annual.length} of the ${zones.length} zones; what they say of single hours differs from measured figures, as co2_g_low and co2_g_high show.`,
  ]
}
