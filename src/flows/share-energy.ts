import type { EnergyQuestion } from '../energy/energy-spans.ts'
import { finestSumSeconds, multipleAfter, multipleBefore } from '../energy/sum-levels.ts'
import { type Instant, type Interval, instant } from '../units.ts'

/** Who answers which part of a question, so that each sample is given once. */
export type EnergyShares = {
  /** What the store is asked. */
  readonly storeShares: readonly StoreShare[]
  /** From when on memory answers for a node, never or always; the store alone answers for a node that is not here. */
  readonly memoryFrom: ReadonlyMap<string, Instant>
}

export type StoreShare = {
  readonly question: EnergyQuestion
  /** What counts of the energy of a node that is given. */
  readonly windowOf: (node: string) => Interval
}

/** Memory may go on forgetting for so long while the store is read. */
const readingMs = 60_000

/**
 * Memory answers for the time in which it has all energy of a node, `held`; the store for what is before, and for nodes
 * that memory does not know. Where it can, the one ends and the other begins at a multiple of the shortest sums, so
 * that the store need not read samples; the nodes that came in the last minutes begin somewhere between two.
 */
export function shareEnergy(
  question: EnergyQuestion,
  held: ReadonlyMap<string, Interval>,
  /** After so long, what was measured is in the store. */
  storedWithinSeconds: number,
): EnergyShares {
  const { from, to } = question.during
  const memoryFrom = new Map<string, Instant>()
  const edges = new Set<Instant>()
  /** Sums between these edges would hold what memory has, too. */
  const withoutSums = new Set<Instant>()
  for (const [node, { from: since, to: until }] of held) {
    if (since <= from) {
      memoryFrom.set(node, instant(-Infinity))
      continue
    }
    const next = multipleAfter(since + readingMs, finestSumSeconds)
    const begins = next <= until - storedWithinSeconds * 1000 ? next : since
    memoryFrom.set(node, begins < to ? begins : instant(Infinity))
    edges.add(next)
    if (begins === next) continue
    const before = multipleBefore(since, finestSumSeconds)
    edges.add(before)
    withoutSums.add(before)
  }
  const inner = Array.from(edges).filter((edge) => from < edge && edge < to)
  const stretchesFrom = [from, ...inner.sort((a, b) => a - b)]
  const storeShares = stretchesFrom.map((begins, at): StoreShare => {
    const ends = stretchesFrom[at + 1] ?? to
    const elsewhere = Array.from(memoryFrom).flatMap(([node, since]) => (since <= begins ? [node] : []))
    const hasSums = !withoutSums.has(multipleBefore(begins, finestSumSeconds))
    return {
      question: {
        during: { from: begins, to: ends },
        where: {
          ...question.where,
          exceptNodes: [...(question.where.exceptNodes ?? []), ...elsewhere],
        },
        grainSeconds: hasSums ? question.grainSeconds : undefined,
      },
      // Samples are given whole at the ends of the question, as in any answer.
      windowOf: (node) => ({
        from: begins === from ? instant(-Infinity) : begins,
        to: instant(Math.min(ends === to ? Infinity : ends, memoryFrom.get(node) ?? Infinity)),
      }),
    }
  })
  return { storeShares, memoryFrom }
}
