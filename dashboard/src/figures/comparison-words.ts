import { percent, quantity } from './quantity-text.ts'
import { duration } from './time-text.ts'

/** Grams that a work emits in a zone, and between which bounds they are likely to be. */
export type Likely = { readonly grams: number; readonly low: number; readonly high: number }

/** The grams of a ranked zone; a figure without a range is taken as it is given. */
export function likelyOf(zone: {
  readonly co2_g: number
  readonly co2_g_low: number | null
  readonly co2_g_high: number | null
}): Likely {
  return { grams: zone.co2_g, low: zone.co2_g_low ?? zone.co2_g, high: zone.co2_g_high ?? zone.co2_g }
}

export function isRange({ low, high }: Likely): boolean {
  return high > low
}

/** `likely 12 g to 15 g`; undefined where the bounds are not known, or are the same. */
export function likelyWords({
  low,
  high,
}: {
  readonly low: number | null
  readonly high: number | null
}): string | undefined {
  if (low === null || high === null || high <= low) return undefined
  return `likely ${quantity(low, 'g')} to ${quantity(high, 'g')}`
}

/** How the grams of one zone stand to those of home. */
export type Difference =
  | { readonly kind: 'home' }
  /** The ranges have nothing in common: whichever of the likely figures are true, one emits less. */
  | { readonly kind: 'less' | 'more'; readonly words: string }
  /** The ranges overlap: the figures do not tell which emits less. */
  | { readonly kind: 'too-close'; readonly words: string }

export function differenceBetween(home: Likely, other: Likely): Difference {
  const words = differenceWords(home.grams, other.grams)
  if (other.high < home.low) return { kind: 'less', words }
  if (other.low > home.high) return { kind: 'more', words }
  return { kind: 'too-close', words }
}

const sameWithin = 0.005
/** What is rounded to a doubling is called one. */
const twice = 1.95

/** `78 % less`, `12 % more`, `3.4 × as much`, `the same`. */
export function differenceWords(home: number, other: number): string {
  if (!(home > 0)) return other > 0 ? 'more' : 'the same'
  const ratio = other / home
  if (Math.abs(ratio - 1) < sameWithin) return 'the same'
  if (ratio < 1) return `${percent(1 - ratio)} less`
  if (ratio < twice) return `${percent(ratio - 1)} more`
  return `${ratio.toFixed(ratio < 10 ? 1 : 0)}\u00A0× as much`
}

/**
 * What a saving amounts to, in terms of the same work: for how long it would have to stand still at home to emit so much
 * less. Undefined where it emits nothing. `seconds` is how long the work took to emit `homeGrams`.
 */
export function standstillWords(
  savingGrams: number,
  home: { readonly grams: number; readonly seconds: number },
) {
  if (!(home.grams > 0) || !(savingGrams > 0)) return undefined
  return duration((savingGrams / home.grams) * home.seconds)
}
