import {
  type GramsPerKilowattHour,
  gramsPerKilowattHour,
  type Instant,
  type Interval,
  instant,
} from '../units.ts'
import type { IntensityFact, IntensitySignal } from './fact.ts'
import { comparePreference, type FactSeries, isOfSeries } from './preference.ts'

/** A stretch of time `[from, to)` and the one fact that is believed throughout it. */
export type KnownPiece = { readonly kind: 'known'; readonly during: Interval; readonly fact: IntensityFact }

/** A stretch of time `[from, to)` and the one fact that is believed throughout it, if there is any. */
export type TimelinePiece = KnownPiece | { readonly kind: 'unknown'; readonly during: Interval }

export type TimelineQuestion = {
  /** Either end may be infinite. */
  readonly during: Interval
  /** Only facts learned by then count. */
  readonly asOf: Instant
  readonly signal: IntensitySignal
  /** `lifecycle` when left out; facts with an unstated basis count as that. */
  readonly basis?: FactSeries['basis']
}

/**
 * The best fact at each instant of `during`, out of the facts about one zone, as pieces that ascend and tile
 * `during` without a hole or an overlap. No two neighbours hold the same fact. An empty `during` gives one empty
 * piece with the fact at that instant. Throws RangeError when `during` ends before it begins.
 *
 * The facts are painted onto the axis, best first, each only where nothing is painted yet: O((n + k) log n).
 */
export function timelineOf(
  facts: readonly IntensityFact[],
  question: TimelineQuestion,
): readonly TimelinePiece[] {
  const { during, asOf, signal, basis = 'lifecycle' } = question
  if (!(during.from <= during.to)) throw new RangeError('the timeline ends before it begins')

  const eligible = facts.filter(
    (fact) =>
      fact.learnedAt <= asOf && holdsWithin(fact.valid, during) && isOfSeries(fact, { signal, basis }),
  )
  eligible.sort(comparePreference)
  const [best] = eligible
  const isBestThroughout = best !== undefined && best.valid.from <= during.from && best.valid.to >= during.to
  if (during.from === during.to || isBestThroughout) return [pieceOf(during, best)]

  const bounds = boundsWithin(during, eligible)
  return mergedPieces(bounds, painted(bounds, eligible))
}

export type IntensityShare = {
  readonly fact: IntensityFact
  /** Of the time asked about, > 0 and at most 1. */
  readonly share: number
}

export type MeanIntensity =
  | {
      readonly kind: 'known'
      readonly mean: GramsPerKilowattHour
      /** Each fact once, in the order of its first use; the shares add up to 1. */
      readonly shares: readonly IntensityShare[]
    }
  /** Some of the time no fact is known; `knownShare` is how much of it one is, below 1. */
  | { readonly kind: 'unknown'; readonly knownShare: number }

/**
 * The time-weighted mean intensity over a finite interval `[from, to)` of a timeline, and whose figures it is made
 * of. An empty interval takes the value at that instant. Time beyond the timeline counts as unknown.
 * O(log pieces + pieces within the interval). Throws RangeError for an interval that is infinite or reversed.
 */
export function intensityOver(timeline: readonly TimelinePiece[], during: Interval): MeanIntensity {
  const length = during.to - during.from
  if (!(length >= 0 && length < Infinity)) throw new RangeError('a mean needs a finite interval')
  if (length === 0) return intensityAt(timeline, during.from)
  const first = firstEndingAfter(timeline, during.from)
  const only = timeline[first]
  // Mostly one piece holds all of it: a third of the time of what follows.
  if (only?.kind === 'known' && only.during.from <= during.from && during.to <= only.during.to)
    return meanOfOne(only.fact)

  const millisecondsByFact = new Map<IntensityFact, number>()
  let knownMilliseconds = 0
  // Whether all is known is followed along the pieces, because a sum of fractions of a millisecond may fall short.
  let knownUntil = during.from
  for (let index = first; index < timeline.length; index += 1) {
    const piece = timeline[index]
    if (piece === undefined || piece.during.from >= during.to) break
    if (piece.kind === 'unknown') continue
    const { from, to } = overlapOf(piece.during, during)
    if (from === knownUntil) knownUntil = to
    knownMilliseconds += to - from
    millisecondsByFact.set(piece.fact, (millisecondsByFact.get(piece.fact) ?? 0) + (to - from))
  }
  if (knownUntil < during.to) return { kind: 'unknown', knownShare: knownMilliseconds / length }

  const shares = Array.from(millisecondsByFact, ([fact, time]) => ({ fact, share: time / length }))
  return { kind: 'known', mean: weightedMean(shares), shares }
}

function intensityAt(timeline: readonly TimelinePiece[], at: Instant): MeanIntensity {
  const piece = timeline[firstEndingAfter(timeline, at)] ?? timeline.at(-1)
  if (piece?.kind !== 'known' || !isAbout(piece.during, at)) return { kind: 'unknown', knownShare: 0 }
  return meanOfOne(piece.fact)
}

/** What one fact alone says. Those that follow each other mostly ask for the same one: it is remembered. */
function meanOfOne(fact: IntensityFact): MeanIntensity {
  if (lastAlone?.fact !== fact) {
    lastAlone = { fact, mean: { kind: 'known', mean: fact.intensity, shares: [{ fact, share: 1 }] } }
  }
  return lastAlone.mean
}

let lastAlone: { readonly fact: IntensityFact; readonly mean: MeanIntensity } | undefined

/** Differences from the first figure are averaged, so that equal figures have exactly that figure as their mean. */
function weightedMean(shares: readonly IntensityShare[]): GramsPerKilowattHour {
  const reference = shares[0]?.fact.intensity ?? 0
  const offset = shares.reduce((sum, { fact, share }) => sum + (fact.intensity - reference) * share, 0)
  return gramsPerKilowattHour(reference + offset)
}

/** The index of the first piece that ends after `at`; the number of pieces when none does. */
export function firstEndingAfter(timeline: readonly TimelinePiece[], at: Instant): number {
  let low = 0
  let high = timeline.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const piece = timeline[middle]
    if (piece !== undefined && piece.during.to <= at) low = middle + 1
    else high = middle
  }
  return low
}

/** Whether a piece tells about `at`: an empty piece does about its one instant. */
function isAbout({ from, to }: Interval, at: Instant): boolean {
  return from === to ? from === at : from <= at && at < to
}

/** Whether a fact with this validity holds at some instant of `during`; an empty `during` is the instant it names. */
function holdsWithin(valid: Interval, during: Interval): boolean {
  if (during.from === during.to) return valid.from <= during.from && during.from < valid.to
  const { from, to } = overlapOf(valid, during)
  return from < to
}

function overlapOf(a: Interval, b: Interval): Interval {
  return { from: instant(Math.max(a.from, b.from)), to: instant(Math.min(a.to, b.to)) }
}

/** Every instant within `during` at which a fact begins or ends, and the two ends, ascending and without repeats. */
function boundsWithin(during: Interval, facts: readonly IntensityFact[]): Float64Array {
  const bounds = new Float64Array(2 * facts.length + 2)
  bounds[0] = during.from
  bounds[1] = during.to
  facts.forEach(({ valid }, index) => {
    const { from, to } = overlapOf(valid, during)
    bounds[2 * index + 2] = from
    bounds[2 * index + 3] = to
  })
  bounds.sort()
  return bounds.filter((bound, index) => index === 0 || bound !== bounds[index - 1])
}

/** For each segment between neighbouring bounds the first of the facts that covers it. */
function painted(bounds: Float64Array, bestFirst: readonly IntensityFact[]) {
  const owners: (IntensityFact | undefined)[] = Array.from({ length: bounds.length - 1 })
  const nextUnpainted = createRunSkipper(bounds.length)
  for (const fact of bestFirst) {
    const end = placeOf(bounds, fact.valid.to)
    let segment = nextUnpainted.from(placeOf(bounds, fact.valid.from))
    while (segment < end) {
      owners[segment] = fact
      nextUnpainted.remove(segment)
      segment = nextUnpainted.from(segment)
    }
  }
  return owners
}

/** Answers "the next segment at or after this one that was not removed" in nearly constant time. */
function createRunSkipper(size: number) {
  const next = Int32Array.from({ length: size }, (_, index) => index)
  const follow = (segment: number) => next[segment] ?? segment
  return {
    remove(segment: number) {
      next[segment] = segment + 1
    },
    from(start: number) {
      let segment = start
      while (follow(segment) !== segment) {
        // Halving the path on the way keeps later walks short.
        next[segment] = follow(follow(segment))
        segment = follow(segment)
      }
      return segment
    },
  }
}

/** The index of the first bound that is not below `value`; the last index when all are. */
function placeOf(bounds: Float64Array, value: number): number {
  let low = 0
  let high = bounds.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((bounds[middle] ?? Infinity) < value) low = middle + 1
    else high = middle
  }
  return low
}

function mergedPieces(bounds: Float64Array, owners: readonly (IntensityFact | undefined)[]) {
  const pieces: TimelinePiece[] = []
  let start = 0
  for (let end = 1; end < bounds.length; end += 1) {
    const isLast = end === bounds.length - 1
    if (!isLast && owners[end] === owners[start]) continue
    const during = { from: instant(bounds[start] ?? NaN), to: instant(bounds[end] ?? NaN) }
    pieces.push(pieceOf(during, owners[start]))
    start = end
  }
  return pieces
}

function pieceOf(during: Interval, fact: IntensityFact | undefined): TimelinePiece {
  return fact === undefined ? { kind: 'unknown', during } : { kind: 'known', during, fact }
}
