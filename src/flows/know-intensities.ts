import { StoreError } from '../energy/measurement-store.ts'
import type { IntensityFact } from '../intensity/fact.ts'
import { createFactBook, type FactBook } from '../intensity/fact-book.ts'
import type { FactRecord, FactStore } from '../intensity/fact-store.ts'
import { recordsToAdd, type SourceStatement } from '../intensity/reconcile.ts'
import type { Instant } from '../units.ts'

/** So many facts may wait for a store that is away; they are known to the service all the same. */
const mostWaiting = 100_000

/** What is known about carbon intensities: at first what the sources say, then also what was learned before a restart. */
export type KnownIntensities = Pick<
  FactBook,
  'timeline' | 'latest' | 'zones' | 'factsWithin' | 'forgetEndedBefore'
> & {
  /** Takes in what a source has told, and keeps it in the store; while that is away it waits. */
  learn(facts: readonly IntensityFact[]): Promise<void>
  /** Takes in what the store has kept, and adds to it what the sources say now. Throws StoreError when it is away. */
  recall(store: FactStore, now: Instant): Promise<void>
}

export function createKnownIntensities(statements: readonly SourceStatement[]): KnownIntensities {
  let store: FactStore | undefined
  /** Learned, and not in the store yet. */
  let waiting: readonly FactRecord[] = []
  let book = bookOf(statements.flatMap(({ facts }) => facts.map((fact) => ({ kind: 'fact', fact }) as const)))
  return {
    timeline: (zone, during, asOf, series) => book.timeline(zone, during, asOf, series),
    latest: (zone, at, series) => book.latest(zone, at, series),
    zones: () => book.zones(),
    factsWithin: (zone, during) => book.factsWithin(zone, during),
    forgetEndedBefore: (at) => book.forgetEndedBefore(at),

    async learn(facts) {
      book.add(facts)
      const records = facts.map((fact) => ({ kind: 'fact', fact }) as const)
      waiting = [...waiting, ...records].slice(-mostWaiting)
      if (store === undefined) return
      const handedOver = waiting
      try {
        await store.addFacts(handedOver)
        waiting = waiting.filter((record) => !handedOver.includes(record))
      } catch (failure) {
        // They are handed over again with what is learned next, and keeping twice changes nothing.
        if (!(failure instanceof StoreError)) throw failure
      }
    },

    async recall(kept, now) {
      const records = await kept.allFacts()
      const added = recordsToAdd(records, statements, now)
      if (added.length > 0) await kept.addFacts(added)
      book = bookOf([...records, ...added, ...waiting])
      store = kept
    },
  }
}

function bookOf(records: readonly FactRecord[]): FactBook {
  const book = createFactBook()
  for (const record of records) if (record.kind === 'withdrawal') book.withdraw(record.withdrawal)
  book.add(records.flatMap((record) => (record.kind === 'fact' ? [record.fact] : [])))
  return book
}
