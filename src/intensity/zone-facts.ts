import type { Instant, Interval } from '../units.ts'
import type { IntensityFact } from './fact.ts'
import { areOfEqualStanding, comparePreference, sayTheSame } from './preference.ts'

/** Facts of like length, ascending by `from`; none is longer than `longest` milliseconds. */
type Shelf = { facts: IntensityFact[]; longest: number }

/** The facts about one zone, found by the time for which they hold. */
export type ZoneFacts = {
  /** Adds what a source told at one moment, but for what it had told before. */
  addDelivery(learnedTogether: readonly IntensityFact[]): void
  /** Every fact that holds within `during`, and possibly some that end or begin right beside it. */
  around(during: Interval): IntensityFact[]
  forgetEndedBefore(at: Instant): void
}

/**
 * Facts of like length (equal up to a factor of two) stand on one shelf, sorted. Looking back by the longest on the
 * shelf misses none and meets few that do not overlap, be they quarter hours or centuries. What was withdrawn as of a
 * moment is not repeated by what is told then, but told anew.
 */
export function createZoneFacts(
  isWithdrawn: (fact: IntensityFact, asOf: Instant) => boolean = () => false,
): ZoneFacts {
  const shelves = new Map<number, Shelf>()

  function around(during: Interval): IntensityFact[] {
    const found: IntensityFact[] = []
    for (const { facts, longest } of shelves.values()) {
      for (let index = firstFrom(facts, during.from - longest); index < facts.length; index += 1) {
        const fact = facts[index]
        if (fact === undefined || fact.valid.from > during.to) break
        if (fact.valid.to >= during.from) found.push(fact)
      }
    }
    return found
  }

  /**
   * Whether `fact` only repeats what is believed anyway: it was told before, and nothing of equal standing that
   * was learned since has taken any of its place.
   */
  function isRepetition(fact: IntensityFact): boolean {
    const rivals = around(fact.valid).filter(
      (other) =>
        other.learnedAt <= fact.learnedAt &&
        overlap(other.valid, fact.valid) &&
        areOfEqualStanding(other, fact) &&
        !isWithdrawn(other, fact.learnedAt),
    )
    const told = rivals.filter((other) => sayTheSame(other, fact))
    if (told.length === 0) return false
    const lastTold = told.reduce((latest, { learnedAt }) => Math.max(latest, learnedAt), -Infinity)
    if (lastTold === fact.learnedAt) return true
    return rivals.every((other) => other.learnedAt < lastTold || sayTheSame(other, fact))
  }

  return {
    addDelivery(learnedTogether) {
      const news = learnedTogether
        .toSorted(byFrom)
        .filter((fact, index, all) => !isSame(all[index - 1], fact) && !isRepetition(fact))
      for (const [lengthClass, facts] of Map.groupBy(news, lengthClassOf)) {
        const shelf = shelves.get(lengthClass) ?? { facts: [], longest: 0 }
        shelves.set(lengthClass, shelf)
        shelve(shelf, facts)
      }
    },
    around,
    forgetEndedBefore(at) {
      for (const shelf of shelves.values()) {
        shelf.facts = shelf.facts.filter((fact) => fact.valid.to >= at)
      }
    },
  }
}

function overlap(a: Interval, b: Interval): boolean {
  return a.from < b.to && b.from < a.to
}

function lengthClassOf({ valid }: IntensityFact): number {
  return Math.floor(Math.log2(valid.to - valid.from))
}

/** News mostly stands at the end of the shelf: only what lies behind its beginning is sorted again. */
function shelve(shelf: Shelf, ascendingNews: readonly IntensityFact[]): void {
  const displaced = shelf.facts.splice(firstFrom(shelf.facts, ascendingNews[0]?.valid.from ?? Infinity))
  for (const fact of [...displaced, ...ascendingNews].sort(byFrom)) {
    shelf.facts.push(fact)
    shelf.longest = Math.max(shelf.longest, fact.valid.to - fact.valid.from)
  }
}

function isSame(a: IntensityFact | undefined, b: IntensityFact): boolean {
  return a !== undefined && comparePreference(a, b) === 0
}

function byFrom(a: IntensityFact, b: IntensityFact): number {
  if (a.valid.from < b.valid.from) return -1
  return a.valid.from > b.valid.from ? 1 : comparePreference(a, b)
}

/** The index of the first fact that does not begin before `from`. */
function firstFrom(facts: readonly IntensityFact[], from: number): number {
  let low = 0
  let high = facts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const fact = facts[middle]
    if (fact !== undefined && fact.valid.from < from) low = middle + 1
    else high = middle
  }
  return low
}
