import { lowerBound } from './ascending.ts'
import { ByteWriter } from './byte-columns.ts'
import { emptyRow, type LoadedRow } from './loaded-row.ts'
import type { OpenBlock } from './open-block.ts'
import { readRow, SampleRowWriter } from './sample-row.ts'

/** The samples that have flags which the tick has not, or begin before their tick, by row and tick, ascending. */
type Exceptions = {
  readonly places: Uint32Array
  readonly flagBits: Uint8Array
  readonly from: Float64Array
}

const noExceptions: Exceptions = {
  places: new Uint32Array(0),
  flagBits: new Uint8Array(0),
  from: new Float64Array(0),
}

/** Ticks that are complete, packed. Rows are in the order of their series' numbers. */
export class SealedBlock {
  readonly ticks: number
  readonly from: Float64Array
  readonly to: Float64Array
  /** Ascending; the very list of the block before, where the series are the same. */
  readonly series: Uint32Array
  /** Where each row begins, and where the last one ends. */
  readonly #starts: Uint32Array
  readonly #rows: Uint8Array
  /** What most samples of a tick have. */
  readonly #flagBits: Uint8Array
  readonly #exceptions: Exceptions

  constructor(block: OpenBlock, seriesBefore: Uint32Array | undefined) {
    const { ticks, rows } = block
    this.ticks = ticks
    this.from = block.from.slice(0, ticks)
    this.to = block.to.slice(0, ticks)
    const series = Uint32Array.from(rows.keys()).sort()
    this.series = seriesBefore !== undefined && isSame(series, seriesBefore) ? seriesBefore : series
    this.#starts = new Uint32Array(series.length + 1)
    this.#flagBits = new Uint8Array(ticks)
    const writer = new ByteWriter()
    const rowWriter = new SampleRowWriter(writer, ticks)
    const row = emptyRow(ticks)
    const exceptions: Record<keyof Exceptions, number[]> = { places: [], flagBits: [], from: [] }
    for (const [index, one] of series.entries()) {
      block.load(rows.get(one) ?? -1, row)
      this.#starts[index] = writer.length
      rowWriter.write(row)
      if (index === 0) this.#flagBits.set(row.flagBits)
      for (let tick = 0; tick < ticks; tick++) {
        if (Number.isNaN(row.energies[tick])) continue
        if (row.flagBits[tick] === this.#flagBits[tick] && row.from[tick] === this.from[tick]) continue
        exceptions.places.push(index * ticks + tick)
        exceptions.flagBits.push(row.flagBits[tick] ?? 0)
        exceptions.from.push(row.from[tick] ?? 0)
      }
    }
    this.#starts[series.length] = writer.length
    this.#rows = writer.take()
    this.#exceptions =
      exceptions.places.length === 0
        ? noExceptions
        : {
            places: Uint32Array.from(exceptions.places),
            flagBits: Uint8Array.from(exceptions.flagBits),
            from: Float64Array.from(exceptions.from),
          }
  }

  get bytes(): number {
    const { places, flagBits, from } = this.#exceptions
    return (
      this.#rows.byteLength +
      this.#starts.byteLength +
      this.#flagBits.byteLength +
      2 * this.from.byteLength +
      places.byteLength +
      flagBits.byteLength +
      from.byteLength
    )
  }

  /** The row of a series, or -1. */
  rowOf(series: number): number {
    const row = lowerBound(this.series, series)
    return this.series[row] === series ? row : -1
  }

  /** Loads all ticks: each is told from the one before. */
  load(row: number, into: LoadedRow): void {
    const { ticks } = this
    readRow(this.#rows, this.#starts[row] ?? 0, into)
    into.flagBits.set(this.#flagBits)
    into.from.set(this.from)
    const { places, flagBits, from } = this.#exceptions
    if (places.length === 0) return
    const end = (row + 1) * ticks
    for (let index = lowerBound(places, row * ticks); index < places.length; index++) {
      const place = places[index] ?? end
      if (place >= end) break
      into.flagBits[place - row * ticks] = flagBits[index] ?? 0
      into.from[place - row * ticks] = from[index] ?? 0
    }
  }
}

function isSame(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index])
}
