import type { Interval } from '../units.ts'
import { bitsAt, countAt, numberAt } from './columns.ts'
import type { EnergySeries, EnergySpans } from './energy-spans.ts'
import { createSpanColumns, type SpanRow } from './span-columns.ts'

/** Calls `visit` with each row. The row is the same object each time. */
export function eachSpan(spans: EnergySpans, visit: (series: EnergySeries, row: SpanRow) => void): void {
  const row = { from: 0, to: 0, joules: 0, samples: 0, flagBits: 0 }
  for (let at = 0; at < spans.length; at += 1) {
    const series = spans.series[countAt(spans.seriesAt, at)]
    if (series === undefined) throw new RangeError(`row ${at} is of no series`)
    row.from = numberAt(spans.from, at)
    row.to = numberAt(spans.to, at)
    row.joules = numberAt(spans.joules, at)
    row.samples = countAt(spans.samples, at)
    row.flagBits = bitsAt(spans.flagBits, at)
    visit(series, row)
  }
}

/**
 * What of `spans` lies within the window of its series: rows outside are left out, rows that reach over an end are cut
 * there, in proportion to time. A row that is cut counts its samples in the part that has its end.
 */
export function clippedSpans(spans: EnergySpans, windowOf: (series: EnergySeries) => Interval): EnergySpans {
  if (!spans.series.some((series) => isBounded(windowOf(series)))) return spans
  const columns = createSpanColumns(spans.grainSeconds)
  const windows = new Map(spans.series.map((series) => [series, windowOf(series)]))
  eachSpan(spans, (series, row) => {
    const window = windows.get(series)
    const part = window === undefined ? undefined : partWithin(row, window)
    if (part !== undefined) columns.add(series, part)
  })
  return columns.take()
}

function isBounded({ from, to }: Interval): boolean {
  return from > -Infinity || to < Infinity
}

/** The part of a row within a window; undefined where they share no time. */
export function partWithin(row: SpanRow, window: Interval): SpanRow | undefined {
  if (row.from >= window.from && row.to <= window.to) return row
  const from = Math.max(row.from, window.from)
  const to = Math.min(row.to, window.to)
  if (from >= to) return undefined
  return {
    from,
    to,
    joules: row.joules * ((to - from) / (row.to - row.from)),
    samples: to === row.to ? row.samples : 0,
    flagBits: row.flagBits,
  }
}
