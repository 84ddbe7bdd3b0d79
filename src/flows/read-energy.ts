import { clippedSpans } from '../energy/clip-spans.ts'
import type { EnergyReader, EnergySeries, EnergySpans } from '../energy/energy-spans.ts'
import { type Interval, instant } from '../units.ts'
import { shareEnergy } from './share-energy.ts'
import { type MayBeAway, warningWithout } from './store-away.ts'

/** What was measured in the last while by this process. */
export type HeldEnergy = EnergyReader & {
  /** The time for which all energy of a node is here, by node, for those that are measured here. */
  heldTimes(): ReadonlyMap<string, Interval>
}

export type StoredEnergy = EnergyReader & MayBeAway

/** The reading for one answer, which may ask several questions. */
export type EnergyReading = EnergyReader & {
  /** Stores that did not answer though they may know more, each as a sentence; whole once the portions have ended. */
  readonly warnings: readonly string[]
}

/** More rows than one answer may read. */
export class TooMuchEnergyError extends Error {
  override name = 'TooMuchEnergyError'
  readonly mostRows: number

  constructor(mostRows: number) {
    super(`the answer would have to read more than ${mostRows} measurements or sums of them`)
    this.mostRows = mostRows
  }
}

/**
 * Reads energy wherever it is: stored, waiting to be stored, or in memory only. The function that is returned begins
 * the reading of one answer, of at most `mostRows` rows: beyond them it throws TooMuchEnergyError.
 *
 * What a sample says of the time before memory is complete comes from the store: it is whole when it has been stored,
 * some seconds after it was measured.
 */
export function createEnergyReadings({
  memory,
  stored,
  storedWithinSeconds,
  mostRows,
}: {
  readonly memory: HeldEnergy
  /** Undefined when nothing outlives the process. */
  readonly stored: StoredEnergy | undefined
  /** After so long, what was measured has come to the store, unless that is away. */
  readonly storedWithinSeconds: number
  readonly mostRows: number
}): () => EnergyReading {
  return () => {
    const warnings: string[] = []
    let rows = 0

    function counted(spans: EnergySpans): EnergySpans {
      rows += spans.length
      if (rows > mostRows) throw new TooMuchEnergyError(mostRows)
      return spans
    }

    return {
      warnings,

      async *energyWithin(question, signal) {
        const { storeShares, memoryFrom } = shareEnergy(question, memory.heldTimes(), storedWithinSeconds)
        let hasStoreAnswered = false
        if (stored !== undefined) {
          try {
            for (const share of storeShares) {
              for await (const spans of stored.energyWithin(share.question, signal)) {
                hasStoreAnswered = true
                yield counted(clippedSpans(spans, ({ node }) => share.windowOf(node)))
              }
              hasStoreAnswered = true
            }
          } catch (failure) {
            warnings.push(warningWithout(stored, failure, 'answer'))
          }
        }
        // Where no store answers, all that memory has counts.
        const windowOf = ({ node }: EnergySeries) =>
          hasStoreAnswered ? timeFrom(memoryFrom.get(node) ?? Infinity) : timeFrom(-Infinity)
        for await (const spans of memory.energyWithin(question, signal)) {
          yield counted(clippedSpans(spans, windowOf))
        }
      },
    }
  }
}

function timeFrom(from: number): Interval {
  return { from: instant(from), to: instant(Infinity) }
}
