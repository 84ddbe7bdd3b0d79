import type { LedgerPage, Measurement } from '../energy/ledger-page.ts'
import type { WriteOutcome } from '../energy/measurement-store.ts'
import { type Instant, type Joules, joules } from '../units.ts'

/** What became of the history of one node. */
export type BackfilledNode = {
  readonly node: string
  /** Measurements that were new, and their energy. */
  readonly written: number
  readonly energy: Joules
  /** Measurements of times for which the store has samples of the container. They are left out. */
  readonly alreadyThere: number
  /** From then on the service counts the node itself; what the history has of later times is left out. */
  readonly countedByServiceFrom: Instant | undefined
  readonly leftToService: number
  readonly gaps: number
  /** Scrapes that were left out since another exporter told of the node at the time, in another way. */
  readonly claimedTwice: number
}

type Account = {
  -readonly [Key in keyof BackfilledNode]: BackfilledNode[Key]
}

/** What a backfill has done so far, node by node. */
export type BackfillTally = {
  /** The account of a node, to be added to. */
  of(node: string): Account
  /** Enters pages that the store was given, and what it did with them. */
  wrote(pages: readonly LedgerPage[], outcome: WriteOutcome): void
  result(): { readonly nodes: readonly BackfilledNode[]; readonly setAside: number }
}

export function createBackfillTally(): BackfillTally {
  const accounts = new Map<string, Account>()
  let setAsideSoFar = 0

  function of(node: string): Account {
    const known = accounts.get(node)
    if (known !== undefined) return known
    const account = {
      node,
      written: 0,
      energy: joules(0),
      alreadyThere: 0,
      countedByServiceFrom: undefined,
      leftToService: 0,
      gaps: 0,
      claimedTwice: 0,
    }
    accounts.set(node, account)
    return account
  }

  return {
    of,

    wrote(pages, { setAside }) {
      const refused = new Set<Measurement>(setAside.map(({ measurement }) => measurement))
      setAsideSoFar += refused.size
      for (const { node, measurements, gaps } of pages) {
        const account = of(node)
        account.gaps += gaps.length
        for (const measurement of measurements) {
          if (refused.has(measurement)) continue
          account.written += 1
          account.energy = joules(account.energy + measurement.energy)
        }
      }
    },

    result: () => ({ nodes: [...accounts.values()], setAside: setAsideSoFar }),
  }
}
