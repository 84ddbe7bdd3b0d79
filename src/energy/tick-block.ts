import type { Interval } from '../units.ts'
import { numberAt } from './columns.ts'
import type { EnergySeries, TickColumns } from './energy-spans.ts'
import type { SpanRow } from './span-columns.ts'

/** Calls `visit` with each sample of a block that shares time with `during`. */
export function eachSampleOf<Series extends EnergySeries>(
  block: TickColumns & { readonly series: readonly (Series | undefined)[] },
  during: Interval,
  visit: (series: Series, row: SpanRow) => void,
): void {
  for (const [row, series] of block.series.entries()) {
    if (series === undefined) continue
    for (let tick = block.first; tick < block.ticks; tick += 1) {
      const sample = sampleAt(block, tick, row)
      if (sample !== undefined && sample.from < during.to && sample.to > during.from) visit(series, sample)
    }
  }
}

/** The sample of a row that ends with a tick, where it has one. */
export function sampleAt(block: TickColumns, tick: number, row: number): SpanRow | undefined {
  const place = tick * block.stride + row
  const joules = numberAt(block.joules, place)
  if (Number.isNaN(joules)) return undefined
  return {
    from: block.earlierFrom.get(place) ?? numberAt(block.from, tick),
    to: numberAt(block.to, tick),
    joules,
    samples: 1,
    flagBits: block.flagBits[place] ?? 0,
  }
}
