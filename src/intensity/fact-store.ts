import type { Instant } from '../units.ts'
import type { IntensityFact } from './fact.ts'

/** A source no longer stands by what it had said about a zone: what it said before counts only in answers as of before. */
export type Withdrawal = { readonly zone: string; readonly source: string; readonly at: Instant }

export type FactRecord =
  | { readonly kind: 'fact'; readonly fact: IntensityFact }
  | { readonly kind: 'withdrawal'; readonly withdrawal: Withdrawal }

/**
 * Where intensity facts are kept: only ever added to. Ends of validity and the moment of learning may be infinite.
 * Both throw StoreError when the store is away.
 */
export type FactStore = {
  /** Keeps records; one that is there already, all of it the same, changes nothing. */
  addFacts(records: readonly FactRecord[]): Promise<void>
  /** Everything that was kept, in the order it was learned. */
  allFacts(): Promise<readonly FactRecord[]>
}
