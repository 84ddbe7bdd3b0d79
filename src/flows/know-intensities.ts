import { createFactBook, type FactBook } from '../intensity/fact-book.ts'
import type { FactRecord, FactStore } from '../intensity/fact-store.ts'
import { recordsToAdd, type SourceStatement } from '../intensity/reconcile.ts'
import type { Instant } from '../units.ts'

/** What is known about carbon intensities: at first what the sources say, then also what was learned before a restart. */
export type KnownIntensities = Pick<FactBook, 'timeline' | 'latest' | 'zones'> & {
  /** Takes in what the store has kept, and adds to it what the sources say now. Throws StoreError when it is away. */
  recall(store: FactStore, now: Instant): Promise<void>
}

export function createKnownIntensities(statements: readonly SourceStatement[]): KnownIntensities {
  let book = bookOf(statements.flatMap(({ facts }) => facts.map((fact) => ({ kind: 'fact', fact }) as const)))
  return {
    timeline: (zone, during, asOf) => book.timeline(zone, during, asOf),
    latest: (zone, at) => book.latest(zone, at),
    zones: () => book.zones(),

    async recall(store, now) {
      const kept = await store.allFacts()
      const added = recordsToAdd(kept, statements, now)
      if (added.length > 0) await store.addFacts(added)
      book = bookOf([...kept, ...added])
    },
  }
}

function bookOf(records: readonly FactRecord[]): FactBook {
  const book = createFactBook()
  book.add(records.flatMap((record) => (record.kind === 'fact' ? [record.fact] : [])))
  for (const record of records) if (record.kind === 'withdrawal') book.withdraw(record.withdrawal)
  return book
}
