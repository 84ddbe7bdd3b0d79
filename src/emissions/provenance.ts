import type { IntensityFact, IntensityMethod } from '../intensity/fact.ts'
import { likelyRangeOf } from '../intensity/likely-range.ts'
import { emissionsOf, type GramsCO2e, gramsCO2e, joules, secondsBetween } from '../units.ts'
import type { Emission } from './emission.ts'

/** Whose figures an answer is made of. */
export type Provenance = {
  /** The share of the energy that each kind of figure covers, largest first; they add up to the share that is known. */
  readonly parts: readonly {
    readonly source: string
    readonly method: IntensityMethod
    readonly energyShare: number
  }[]
  /** The longest time from the beginning of a figure's validity to its use; undefined when all hold since ever or for a year. */
  readonly worstAgeSeconds: number | undefined
  /** Between which grams nine of ten true values lie, as far as stand-ins go; both are the sum where all is measured. */
  readonly likely: { readonly low: GramsCO2e; readonly high: GramsCO2e }
}

export type ProvenanceTally = { add(emission: Emission): void; result(): Provenance }

export function createProvenanceTally(): ProvenanceTally {
  const energyOf = new Map<string, { readonly fact: IntensityFact; energy: number }>()
  let all = 0
  let worstAgeSeconds: number | undefined
  let low = 0
  let high = 0
  return {
    add(emission) {
      const { sample } = emission
      all += sample.energy
      if (emission.kind === 'unknown') return
      for (const { fact, share } of emission.shares) {
        const energy = sample.energy * share
        const key = JSON.stringify([fact.source, fact.method])
        const part = energyOf.get(key) ?? { fact, energy: 0 }
        part.energy += energy
        energyOf.set(key, part)
        const grams = emissionsOf(joules(energy), fact.intensity)
        const range = likelyRangeOf(fact.method)
        low += grams * range.low
        high += grams * range.high
        const hasAge = Number.isFinite(fact.valid.from) && fact.method.kind !== 'annual-average'
        if (!hasAge) continue
        worstAgeSeconds = Math.max(worstAgeSeconds ?? 0, secondsBetween(fact.valid.from, sample.during.to))
      }
    },

    result: () => ({
      parts: Array.from(energyOf.values())
        .sort((a, b) => b.energy - a.energy)
        .map(({ fact: { source, method }, energy }) => ({
          source,
          method,
          energyShare: all === 0 ? 0 : energy / all,
        })),
      worstAgeSeconds,
      likely: { low: gramsCO2e(low), high: gramsCO2e(high) },
    }),
  }
}
