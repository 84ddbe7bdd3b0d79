import type { IntensityFact, IntensityMethod } from '../intensity/fact.ts'
import { likelyRangeOf } from '../intensity/likely-range.ts'
import {
  emissionsOf,
  type GramsCO2e,
  type GramsPerKilowattHour,
  gramsCO2e,
  gramsPerKilowattHour,
  type Instant,
  type Joules,
  joules,
  secondsBetween,
} from '../units.ts'
import type { Emission } from './emission.ts'

/** Whose figures an answer is made of. */
export type Provenance = {
  /** The share of the energy that each kind of figure covers, largest first; they add up to the share that is known. */
  readonly parts: readonly {
    readonly source: string
    readonly method: IntensityMethod
    readonly energyShare: number
  }[]
  /** Grams per kilowatt hour of the energy that is known; undefined where there is none. */
  readonly meanIntensity: GramsPerKilowattHour | undefined
  /** The longest time from the beginning of a figure's validity to its use; undefined when all hold since ever or for a year. */
  readonly worstAgeSeconds: number | undefined
  /** Between which grams nine of ten true values lie, as far as stand-ins go; both are the sum where all is measured. */
  readonly likely: { readonly low: GramsCO2e; readonly high: GramsCO2e }
}

/** Energy that was used until `until`, and the fact by which it counts; undefined where none is known. */
export type CountedEnergy = {
  readonly energy: Joules
  readonly until: Instant
  readonly fact: IntensityFact | undefined
}

export type ProvenanceTally = {
  add(emission: Emission): void
  addEnergy(counted: CountedEnergy): void
  result(): Provenance
}

export function createProvenanceTally(): ProvenanceTally {
  const energyOf = new Map<IntensityFact, number>()
  let all = 0
  let worstAgeSeconds: number | undefined
  let low = 0
  let high = 0

  function addKnown(fact: IntensityFact, energy: Joules, until: Instant): void {
    energyOf.set(fact, (energyOf.get(fact) ?? 0) + energy)
    const grams = emissionsOf(energy, fact.intensity)
    const range = likelyRangeOf(fact.method)
    low += grams * range.low
    high += grams * range.high
    const hasAge = Number.isFinite(fact.valid.from) && fact.method.kind !== 'annual-average'
    if (!hasAge) return
    worstAgeSeconds = Math.max(worstAgeSeconds ?? 0, secondsBetween(fact.valid.from, until))
  }

  return {
    add(emission) {
      const { sample } = emission
      all += sample.energy
      if (emission.kind === 'unknown') return
      for (const { fact, share } of emission.shares)
        addKnown(fact, joules(sample.energy * share), sample.during.to)
    },

    addEnergy({ energy, until, fact }) {
      all += energy
      if (fact !== undefined) addKnown(fact, energy, until)
    },

    result: () => ({
      parts: bySourceAndMethod(energyOf)
        .sort((a, b) => b.energy - a.energy)
        .map(({ fact: { source, method }, energy }) => ({
          source,
          method,
          energyShare: all === 0 ? 0 : energy / all,
        })),
      meanIntensity: meanOf(energyOf),
      worstAgeSeconds,
      likely: { low: gramsCO2e(low), high: gramsCO2e(high) },
    }),
  }
}

/** Differences from one figure are averaged, so that equal figures have exactly that figure as their mean. */
function meanOf(energyOf: ReadonlyMap<IntensityFact, number>): GramsPerKilowattHour | undefined {
  let reference: number | undefined
  let energy = 0
  let offset = 0
  for (const [{ intensity }, used] of energyOf) {
    reference ??= intensity
    energy += used
    offset += (intensity - reference) * used
  }
  if (reference === undefined || energy === 0) return undefined
  return gramsPerKilowattHour(reference + offset / energy)
}

function bySourceAndMethod(energyOf: ReadonlyMap<IntensityFact, number>) {
  if (energyOf.size <= 1) return Array.from(energyOf, ([fact, energy]) => ({ fact, energy }))
  const parts = new Map<string, { readonly fact: IntensityFact; energy: number }>()
  for (const [fact, energy] of energyOf) {
    const key = JSON.stringify([fact.source, fact.method])
    const part = parts.get(key) ?? { fact, energy: 0 }
    part.energy += energy
    parts.set(key, part)
  }
  return [...parts.values()]
}
