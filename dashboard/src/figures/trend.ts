/** What was emitted in a window of time, and how much of the window was measured. */
export type Period = {
  readonly joules: number
  readonly grams: number | null
  /** From 0 to 1. */
  readonly coverage: number
}

/** How a period compares with one before it. */
export type Trend =
  | {
      readonly kind: 'compared'
      readonly direction: 'up' | 'down' | 'level'
      /** Grams of the later period over those of the earlier one, less 1. */
      readonly change: number
      /** The same of the energy and of the carbon intensity: (1 + energy) x (1 + intensity) = 1 + change. */
      readonly energyChange: number
      readonly intensityChange: number
    }
  /** Nothing can be said without pretending; `because` says why, as the end of a sentence. */
  | { readonly kind: 'not-comparable'; readonly because: string }

/** Where less than this share of a period was measured, its sum says more about the gaps than about the work. */
const leastCoverage = 0.9
/** Two periods that differ by less are called level. */
const levelBelow = 0.03

/**
 * Compares the mean rates of two periods of one length. Both must have been measured almost throughout, and what little
 * is missing is made up for in proportion; otherwise there is no trend.
 */
export function trendBetween(earlier: Period | undefined, later: Period): Trend {
  if (earlier === undefined || earlier.coverage === 0) {
    return { kind: 'not-comparable', because: 'nothing was measured then' }
  }
  if (later.coverage < leastCoverage || earlier.coverage < leastCoverage) {
    const [which, { coverage }] =
      earlier.coverage < leastCoverage ? ['the time before', earlier] : ['the last hour', later]
    return {
      kind: 'not-comparable',
      because: `only ${Math.floor(coverage * 100)}\u00A0% of ${which} was measured`,
    }
  }
  if (earlier.grams === null || later.grams === null) {
    return { kind: 'not-comparable', because: 'the carbon intensity is not known for all of it' }
  }
  const energyRatio = later.joules / later.coverage / (earlier.joules / earlier.coverage)
  const ratio = later.grams / later.coverage / (earlier.grams / earlier.coverage)
  if (!Number.isFinite(ratio) || !Number.isFinite(energyRatio) || ratio === 0 || energyRatio === 0) {
    return { kind: 'not-comparable', because: 'one of the two periods emitted nothing' }
  }
  const change = ratio - 1
  return {
    kind: 'compared',
    direction: Math.abs(change) < levelBelow ? 'level' : change > 0 ? 'up' : 'down',
    change,
    energyChange: energyRatio - 1,
    intensityChange: ratio / energyRatio - 1,
  }
}

/** A change in words of its own: `+12 %`, `−3 %`, `×2.4` from a doubling on. */
export function changeText(change: number): string {
  const ratio = 1 + change
  if (ratio >= 2) return `×\u2009${ratio.toFixed(ratio < 10 ? 1 : 0)}`
  const percents = Math.round(change * 100)
  if (percents === 0) return `±0\u00A0%`
  return `${percents > 0 ? '+' : '−'}${Math.abs(percents)}\u00A0%`
}

/** Which of its two causes a change has, in a few words. */
export function causeOf({ energyChange, intensityChange }: Extract<Trend, { kind: 'compared' }>): string {
  return `energy ${changeText(energyChange)}, grid ${changeText(intensityChange)}`
}
