import { type Instant, type Interval, instant } from '../units.ts'
import { type IntensityFact, whyImplausible } from './fact.ts'
import type { Withdrawal } from './fact-store.ts'
import { type FactSeries, usualSeries } from './preference.ts'
import { type TimelinePiece, timelineOf } from './timeline.ts'
import { createZoneFacts, type ZoneFacts } from './zone-facts.ts'

/** Everything that was learned about carbon intensities, in memory. Answers are of one series: the usual one unless another is named. */
export type FactBook = {
  /**
   * Adds facts; one that only repeats what its source had told is not stored twice, so a source may deliver again.
   * Throws RangeError, and adds none, when one of them is valid for no time or its figure is implausible.
   */
  add(facts: readonly IntensityFact[]): void
  /**
   * From then on, what the source had said about the zone before counts only in answers as of before. To be told
   * before the facts that the source tells after it, which may be the same ones again.
   */
  withdraw(withdrawal: Withdrawal): void
  /** What was known at `asOf` about `during`: pieces that tile it. */
  timeline(zone: string, during: Interval, asOf: Instant, series?: FactSeries): readonly TimelinePiece[]
  /** The fact in force at `at` as known at `at`, which is what the timeline shows for that instant. */
  latest(zone: string, at: Instant, series?: FactSeries): IntensityFact | undefined
  /** All facts about a zone, of every series, that hold at some time within `during` and were not withdrawn. */
  factsWithin(zone: string, during: Interval): readonly IntensityFact[]
  /** Every zone that a fact was added for, ascending. */
  zones(): readonly string[]
  /** Lets go of facts whose validity ended before `at`: the bound on the book's memory. */
  forgetEndedBefore(at: Instant): void
}

export function createFactBook(): FactBook {
  const byZone = new Map<string, ZoneFacts>()
  const withdrawals = new Map<string, readonly Withdrawal[]>()

  function isWithdrawn({ zone, source, learnedAt }: IntensityFact, asOf: Instant): boolean {
    const ofZone = withdrawals.get(zone) ?? []
    return ofZone.some(
      (withdrawal) => withdrawal.source === source && learnedAt < withdrawal.at && withdrawal.at <= asOf,
    )
  }

  function standing(zone: string, during: Interval, asOf: Instant): readonly IntensityFact[] {
    const around = byZone.get(zone)?.around(during) ?? []
    return withdrawals.has(zone) ? around.filter((fact) => !isWithdrawn(fact, asOf)) : around
  }

  function timeline(
    zone: string,
    during: Interval,
    asOf: Instant,
    series: FactSeries = usualSeries,
  ): readonly TimelinePiece[] {
    return timelineOf(standing(zone, during, asOf), { during, asOf, ...series })
  }

  return {
    add(facts) {
      facts.forEach(refuseNonsense)
      for (const [zone, aboutZone] of Map.groupBy(facts, (fact) => fact.zone)) {
        const zoneFacts = byZone.get(zone) ?? createZoneFacts(isWithdrawn)
        byZone.set(zone, zoneFacts)
        for (const delivery of deliveriesOf(aboutZone)) zoneFacts.addDelivery(delivery)
      }
    },
    withdraw(withdrawal) {
      withdrawals.set(withdrawal.zone, [...(withdrawals.get(withdrawal.zone) ?? []), withdrawal])
    },
    timeline,
    factsWithin(zone, during) {
      const facts = standing(zone, during, instant(Number.POSITIVE_INFINITY))
      return facts.filter(({ valid }) => valid.from <= during.to && valid.to > during.from)
    },
    latest(zone, at, series) {
      const [piece] = timeline(zone, { from: at, to: at }, at, series)
      return piece?.kind === 'known' ? piece.fact : undefined
    },
    zones: () => [...byZone.keys()].sort(),
    forgetEndedBefore(at) {
      for (const facts of byZone.values()) facts.forgetEndedBefore(at)
    },
  }
}

function refuseNonsense({ zone, source, valid, intensity }: IntensityFact): void {
  if (!(valid.from < valid.to))
    throw new RangeError(`${source} told a fact about ${zone} that holds for no time`)
  const why = whyImplausible(intensity)
  if (why !== undefined)
    throw new RangeError(`${source} told an intensity of ${zone} that ${why}: ${intensity}`)
}

/** Facts learned together, the earliest first. */
function deliveriesOf(facts: readonly IntensityFact[]): readonly IntensityFact[][] {
  const byMoment = Map.groupBy(facts, (fact) => fact.learnedAt)
  return [...byMoment].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, delivery]) => delivery)
}
