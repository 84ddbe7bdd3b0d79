import { type Instant, type Interval, instant } from '../units.ts'
import type { EnergyQuestion } from './energy-spans.ts'
import { multipleAfter, multipleBefore, sumLevelsSeconds, wholeSumsAround } from './sum-levels.ts'

/** A part of the time of a question, and what is read for it. */
export type Stretch = SamplesStretch | SumsStretch

export type SamplesStretch = {
  readonly kind: 'samples'
  /** Samples that share time with it are wanted. */
  readonly during: Interval
  /** What counts of a sample: all of it at the ends of the question, and not what sums beside it hold. */
  readonly window: Interval
}

export type SumsStretch = { readonly kind: 'sums'; readonly during: Interval; readonly levelSeconds: number }

/**
 * Which part of a question is read from which sums. There are sums for the time before `sumsUntil`, a multiple of the
 * shortest; the longest that divide the grain are taken where they fit, the next shorter at their ends, and samples
 * where none fit. The stretches are in order of time and leave nothing out.
 */
export function planReading(
  { during, grainSeconds }: Pick<EnergyQuestion, 'during' | 'grainSeconds'>,
  sumsUntil: Instant,
): readonly Stretch[] {
  if (during.from >= during.to) return []
  const levels = sumLevelsSeconds.filter(
    (seconds) => grainSeconds !== undefined && grainSeconds % seconds === 0,
  )
  return parts(during, levels)

  function parts(part: Interval, [level, ...shorter]: readonly number[]): readonly Stretch[] {
    if (part.from >= part.to) return []
    if (level === undefined) return [samplesIn(part)]
    const from = multipleAfter(part.from, level)
    const to = multipleBefore(Math.min(part.to, sumsUntil), level)
    if (from >= to) return parts(part, shorter)
    return [
      ...parts({ from: part.from, to: from }, shorter),
      { kind: 'sums', during: { from, to }, levelSeconds: level },
      ...parts({ from: to, to: part.to }, shorter),
    ]
  }

  function samplesIn(part: Interval): Stretch {
    return {
      kind: 'samples',
      during: part,
      window: {
        from: instant(part.from === during.from ? -Infinity : part.from),
        to: instant(part.to === during.to ? Infinity : part.to),
      },
    }
  }
}

/**
 * Of which time of a stretch the samples of a container are read instead of its sums, given for which time its sums
 * are out of date. Whole sums are replaced.
 */
export function insteadOfSums<Container>(
  { during, levelSeconds }: SumsStretch,
  outdated: Iterable<readonly [Container, Interval]>,
): ReadonlyMap<Container, SamplesStretch> {
  const instead = new Map<Container, SamplesStretch>()
  for (const [container, time] of outdated) {
    const whole = wholeSumsAround(time, levelSeconds)
    const part = {
      from: instant(Math.max(whole.from, during.from)),
      to: instant(Math.min(whole.to, during.to)),
    }
    if (part.from < part.to) instead.set(container, { kind: 'samples', during: part, window: part })
  }
  return instead
}

/** Whether a sum that begins then is not read, since samples are. */
export function isReplaced(instead: SamplesStretch | undefined, begins: number): boolean {
  return instead !== undefined && instead.during.from <= begins && begins < instead.during.to
}
