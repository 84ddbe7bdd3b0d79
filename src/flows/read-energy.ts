import { clippedSpans } from '../energy/clip-spans.ts'
import type { EnergyQuestion, EnergyReader, EnergySpans } from '../energy/energy-spans.ts'
import { type Interval, instant } from '../units.ts'
import { type EnergyShares, shareEnergy } from './share-energy.ts'
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

    function count(more: number): void {
      rows += more
      if (rows > mostRows) throw new TooMuchEnergyError(mostRows)
    }

    function counted(spans: EnergySpans): EnergySpans {
      count(spans.length)
      return spans
    }

    return {
      warnings,

      async *energyWithin(question, signal) {
        let memoryFrom: EnergyShares['memoryFrom'] | undefined
        if (stored !== undefined) {
          const shares = shareEnergy(question, memory.heldTimes(), storedWithinSeconds)
          try {
            for (const share of shares.storeShares) {
              for await (const spans of stored.energyWithin(share.question, signal)) {
                memoryFrom = shares.memoryFrom
                yield counted(clippedSpans(spans, ({ node }) => share.windowOf(node)))
              }
              memoryFrom = shares.memoryFrom
            }
          } catch (failure) {
            warnings.push(warningWithout(stored, failure, 'answer'))
          }
        }
        // Where no store answers, all that memory has counts.
        const windowOf = ({ node }: { readonly node: string }) =>
          memoryFrom === undefined ? always : timeFrom(memoryFrom.get(node) ?? Infinity)
        const { takeBlock } = question
        const asked: EnergyQuestion = {
          ...question,
          takeBlock: (block) => {
            const isWhole = windowOf(block).from === -Infinity
            if (takeBlock === undefined || !isWhole || !takeBlock(block)) return false
            count((block.ticks - block.first) * block.rows)
            return true
          },
        }
        for await (const spans of memory.energyWithin(takeBlock === undefined ? question : asked, signal)) {
          yield counted(clippedSpans(spans, windowOf))
        }
      },
    }
  }
}

const always = timeFrom(-Infinity)

function timeFrom(from: number): Interval {
  return { from: instant(from), to: instant(Infinity) }
}
