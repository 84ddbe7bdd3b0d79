import type { ShownSeries } from './translate.ts'

/** What one body shows, in the order of the body. */
export type ShownValues = {
  /** The very list of the body before, if this one shows the same series in the same order. */
  readonly series: readonly ShownSeries[]
  /** The value of each, and perhaps more behind them. Valid until the next body, whose values take their place. */
  readonly values: Float64Array
}

const fewestValues = 64

/**
 * Gathers what a body shows. Most bodies show what the one before showed, in the same order: then nothing is kept but
 * the values.
 */
export function createValueGatherer(before: ShownValues) {
  const expected = before.series
  /** The series, once they differ from those before. */
  let own: ShownSeries[] | undefined
  let { values } = before
  let count = 0

  return {
    get count() {
      return count
    },

    add(series: ShownSeries, value: number): void {
      if (own !== undefined) own.push(series)
      else if (expected[count] !== series) own = [...expected.slice(0, count), series]
      if (count === values.length) {
        const larger = new Float64Array(Math.max(fewestValues, count * 2))
        larger.set(values)
        values = larger
      }
      values[count] = value
      count += 1
    },

    gathered(): ShownValues {
      const isShorter = own === undefined && count < expected.length
      return { series: own ?? (isShorter ? expected.slice(0, count) : expected), values }
    },
  }
}
