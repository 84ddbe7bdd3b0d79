import type { IntensityFact } from './fact.ts'
import type { AboutSource, IntensitySource } from './source.ts'

/** A source that knows at the start all it will ever know. */
export type StaticSource = IntensitySource & { readonly facts: readonly IntensityFact[] }

export function createStaticSource(source: {
  readonly id: string
  readonly about: AboutSource
  readonly facts: readonly IntensityFact[]
}): StaticSource {
  const byZone = Map.groupBy(source.facts, (fact) => fact.zone)
  const zones = [...byZone.keys()].sort()

  return {
    ...source,
    zones: () => zones,
    async latest(zone, signal) {
      signal.throwIfAborted()
      const newest = byZone.get(zone)?.reduce((a, b) => (b.valid.from > a.valid.from ? b : a))
      return newest === undefined ? [] : [newest]
    },
    async history(zone, during, signal) {
      signal.throwIfAborted()
      const facts = byZone.get(zone) ?? []
      return facts.filter(({ valid }) => valid.from < during.to && valid.to > during.from)
    },
  }
}
