import type { EnergySeries, EnergySpans } from './energy-spans.ts'

/** One row on its way into columns. It is read and not kept, so that one object may serve for many. */
export type SpanRow = {
  readonly from: number
  readonly to: number
  readonly joules: number
  readonly samples: number
  readonly flagBits: number
}

/** Gathers rows into portions. */
export type SpanColumns = {
  /** Rows since the last portion. */
  readonly length: number
  /** A series is known by being the same object. */
  add(series: EnergySeries, row: SpanRow): void
  /** The rows since the last portion, as the next one. */
  take(): EnergySpans
}

const firstCapacity = 64

/** `grainSeconds` of all rows: that of sums; undefined for samples and parts of them. */
export function createSpanColumns(grainSeconds: number | undefined): SpanColumns {
  let length = 0
  let columns = noColumns
  /** As much as the last portion had. Nothing is held before there is a row. */
  let capacity = firstCapacity
  let series: EnergySeries[] = []
  let indices = new Map<EnergySeries, number>()
  let last: { readonly series: EnergySeries; readonly index: number } | undefined

  function indexOf(wanted: EnergySeries): number {
    if (last?.series === wanted) return last.index
    const index = indices.get(wanted) ?? series.push(wanted) - 1
    indices.set(wanted, index)
    last = { series: wanted, index }
    return index
  }

  return {
    get length() {
      return length
    },

    add(ofSeries, row) {
      if (length === columns.joules.length) columns = grown(columns, Math.max(capacity, 2 * length))
      columns.seriesAt[length] = indexOf(ofSeries)
      columns.from[length] = row.from
      columns.to[length] = row.to
      columns.joules[length] = row.joules
      columns.samples[length] = row.samples
      columns.flagBits[length] = row.flagBits
      length += 1
    },

    take() {
      const portion: EnergySpans = {
        series,
        length,
        seriesAt: columns.seriesAt.subarray(0, length),
        from: columns.from.subarray(0, length),
        to: columns.to.subarray(0, length),
        joules: columns.joules.subarray(0, length),
        samples: columns.samples.subarray(0, length),
        flagBits: columns.flagBits.subarray(0, length),
        grainSeconds,
      }
      columns = noColumns
      capacity = Math.max(firstCapacity, length)
      length = 0
      series = []
      indices = new Map()
      last = undefined
      return portion
    },
  }
}

type Columns = Pick<EnergySpans, 'seriesAt' | 'from' | 'to' | 'joules' | 'samples' | 'flagBits'>

function columnsOf(capacity: number): Columns {
  return {
    seriesAt: new Uint32Array(capacity),
    from: new Float64Array(capacity),
    to: new Float64Array(capacity),
    joules: new Float64Array(capacity),
    samples: new Uint32Array(capacity),
    flagBits: new Uint8Array(capacity),
  }
}

const noColumns = columnsOf(0)

function grown(columns: Columns, capacity: number): Columns {
  const larger = columnsOf(capacity)
  larger.seriesAt.set(columns.seriesAt)
  larger.from.set(columns.from)
  larger.to.set(columns.to)
  larger.joules.set(columns.joules)
  larger.samples.set(columns.samples)
  larger.flagBits.set(columns.flagBits)
  return larger
}
