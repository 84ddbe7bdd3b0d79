import type { IntensityBasis, IntensityFact, IntensitySignal } from './fact.ts'
import type { FactSeries } from './preference.ts'
import type { IntensitySource } from './source.ts'

/** The series that figures of this signal and basis belong to: an unstated basis counts as life cycle. */
export function seriesOf(about: {
  readonly signal: IntensitySignal
  readonly basis: IntensityBasis
}): FactSeries {
  return { signal: about.signal, basis: about.basis === 'direct' ? 'direct' : 'lifecycle' }
}

export function seriesKey({ signal, basis }: FactSeries): string {
  return `${signal}/${basis}`
}

/** The sources that can tell about a zone, best first, for each series that any of them tells. */
export function chainsFor(
  zone: string,
  sources: readonly IntensitySource[],
): ReadonlyMap<string, readonly IntensitySource[]> {
  const covering = sources.filter((source) => source.zones().includes(zone))
  return Map.groupBy(covering, ({ about }) => seriesKey(seriesOf(about)))
}

/** How long the last figure of a source may stand in for a newer one. */
const lastGoodSeconds = 6 * 3600
/** Behind every live source, before the annual averages. */
const lastGoodRank = 900

/**
 * The last figure that was good, to stand in from its end until `until`, marked as an estimate; undefined when it is
 * still in force, or too old to be of use.
 */
export function lastGood(
  fact: IntensityFact,
  { now, until }: { readonly now: IntensityFact['learnedAt']; readonly until: IntensityFact['learnedAt'] },
): IntensityFact | undefined {
  const { to } = fact.valid
  const isStandIn = fact.rank >= lastGoodRank
  if (isStandIn || to > now || now - to > lastGoodSeconds * 1000 || !(to < until)) return undefined
  return {
    ...fact,
    valid: { from: to, to: until },
    method: { kind: 'estimated', detail: 'last good value' },
    rank: lastGoodRank,
    learnedAt: now,
  }
}
