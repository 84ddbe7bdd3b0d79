import type { Instant } from '../units.ts'
import type { IntensityFact } from './fact.ts'
import type { FactRecord } from './fact-store.ts'

/** What a source that knows all it will ever say, such as a table or a setting, says now. */
export type SourceStatement = { readonly source: string; readonly facts: readonly IntensityFact[] }

/**
 * The records that bring what is kept up to what the sources say now. Facts that stand are left alone, with the time
 * at which they were first learned. Where a source says something else about a zone than it did, what it said is
 * withdrawn and the new is learned at `now`; about a zone of which it never spoke, its facts keep their own time.
 */
export function recordsToAdd(
  kept: readonly FactRecord[],
  statements: readonly SourceStatement[],
  now: Instant,
): readonly FactRecord[] {
  const records: FactRecord[] = []
  for (const { source, facts } of statements) {
    const standing = Map.groupBy(standingFacts(kept, source), ({ zone }) => zone)
    const stated = Map.groupBy(facts, ({ zone }) => zone)
    for (const zone of new Set([...standing.keys(), ...stated.keys()])) {
      const before = standing.get(zone) ?? []
      const after = stated.get(zone) ?? []
      if (saysTheSame(before, after)) continue
      if (before.length > 0) records.push({ kind: 'withdrawal', withdrawal: { zone, source, at: now } })
      for (const fact of after) {
        records.push({ kind: 'fact', fact: before.length > 0 ? { ...fact, learnedAt: now } : fact })
      }
    }
  }
  return records
}

function standingFacts(kept: readonly FactRecord[], source: string): readonly IntensityFact[] {
  const withdrawnAt = new Map<string, Instant>()
  for (const record of kept) {
    if (record.kind === 'withdrawal' && record.withdrawal.source === source) {
      withdrawnAt.set(record.withdrawal.zone, record.withdrawal.at)
    }
  }
  return kept.flatMap((record) => {
    if (record.kind !== 'fact' || record.fact.source !== source) return []
    const at = withdrawnAt.get(record.fact.zone)
    return at !== undefined && record.fact.learnedAt < at ? [] : [record.fact]
  })
}

function saysTheSame(before: readonly IntensityFact[], after: readonly IntensityFact[]): boolean {
  if (before.length !== after.length) return false
  const said = new Set(before.map(contentOf))
  return after.every((fact) => said.has(contentOf(fact)))
}

function contentOf({ valid, intensity, method, signal, basis, rank }: IntensityFact): string {
  return JSON.stringify([String(valid.from), String(valid.to), intensity, method, signal, basis, rank])
}
