import { type Instant, instant } from '../units.ts'
import { lowerBound } from './ascending.ts'
import { ByteReader, ByteWriter } from './byte-columns.ts'
import { numberAt } from './columns.ts'
import type { TickColumns } from './energy-spans.ts'
import { emptyRow, type LoadedRow } from './loaded-row.ts'
import type { OpenBlock } from './open-block.ts'
import { readNextRow, readRow, SampleRowWriter } from './sample-row.ts'
import { containersPerStep, type Steps } from './steps.ts'

/** Where the rows of a block are unpacked to: what is read of it lies here until the next is read. */
export type UnpackedRows = { joules: Float64Array; flagBits: Uint8Array; readonly row: LoadedRow }

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
  /** When the first of all samples begins, which may be before its tick. */
  readonly begin: number

  private constructor(block: OpenBlock, series: Uint32Array, packed: PackedRows) {
    this.ticks = block.ticks
    this.from = block.from.slice(0, block.ticks)
    this.to = block.to.slice(0, block.ticks)
    this.series = series
    this.#starts = packed.starts
    this.#rows = packed.rows
    this.#flagBits = packed.flagBits
    this.#exceptions = packed.exceptions
    this.begin = packed.exceptions.from.reduce((a, b) => Math.min(a, b), numberAt(this.from, 0))
  }

  /** Packs a block, which must not change meanwhile. `seriesBefore` are those of the block before. */
  static *sealing(block: OpenBlock, seriesBefore: Uint32Array | undefined): Steps<SealedBlock> {
    const series = Uint32Array.from(block.rows.keys()).sort()
    const packed = yield* packing(block, series)
    const isAsBefore = seriesBefore !== undefined && isSame(series, seriesBefore)
    return new SealedBlock(block, isAsBefore ? seriesBefore : series, packed)
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

  /** The ticks from `first` on, unpacked. */
  columns(into: UnpackedRows, first: number): TickColumns {
    const { ticks, from, to } = this
    const rows = this.series.length
    if (into.joules.length < rows * ticks) {
      into.joules = new Float64Array(rows * ticks)
      into.flagBits = new Uint8Array(rows * ticks)
    }
    const { joules, flagBits, row } = into
    // Rows lie one behind another.
    const reader = new ByteReader(this.#rows)
    for (let index = 0; index < rows; index++) {
      readNextRow(reader, row)
      for (let tick = first; tick < ticks; tick++) joules[tick * rows + index] = numberAt(row.energies, tick)
    }
    for (let tick = first; tick < ticks; tick++) {
      flagBits.fill(this.#flagBits[tick] ?? 0, tick * rows, (tick + 1) * rows)
    }
    const earlierFrom = new Map<number, Instant>()
    for (const [at, placeByRow] of this.#exceptions.places.entries()) {
      const tick = placeByRow % ticks
      if (tick < first) continue
      const place = tick * rows + (placeByRow - tick) / ticks
      flagBits[place] = this.#exceptions.flagBits[at] ?? 0
      const begin = numberAt(this.#exceptions.from, at)
      if (begin !== from[tick]) earlierFrom.set(place, instant(begin))
    }
    return { first, ticks, from, to, rows, stride: rows, joules, flagBits, earlierFrom }
  }
}

type PackedRows = {
  readonly starts: Uint32Array
  readonly rows: Uint8Array
  readonly flagBits: Uint8Array
  readonly exceptions: Exceptions
}

function* packing(block: OpenBlock, series: Uint32Array): Steps<PackedRows> {
  const { ticks } = block
  const starts = new Uint32Array(series.length + 1)
  const flagBits = new Uint8Array(ticks)
  const exceptions: Record<keyof Exceptions, number[]> = { places: [], flagBits: [], from: [] }
  const writer = new ByteWriter()
  const rowWriter = new SampleRowWriter(writer, ticks)
  const row = emptyRow(ticks)
  for (let index = 0; index < series.length; index++) {
    if (index % containersPerStep === containersPerStep - 1) yield
    block.load(block.rowOf(series[index] ?? 0), row)
    starts[index] = writer.length
    rowWriter.write(row)
    if (index === 0) flagBits.set(row.flagBits)
    for (let tick = 0; tick < ticks; tick++) {
      if (Number.isNaN(row.energies[tick])) continue
      if (row.flagBits[tick] === flagBits[tick] && row.from[tick] === block.from[tick]) continue
      exceptions.places.push(index * ticks + tick)
      exceptions.flagBits.push(row.flagBits[tick] ?? 0)
      exceptions.from.push(row.from[tick] ?? 0)
    }
  }
  starts[series.length] = writer.length
  return { starts, rows: writer.take(), flagBits, exceptions: columnsOf(exceptions) }
}

function columnsOf({ places, flagBits, from }: Record<keyof Exceptions, number[]>): Exceptions {
  if (places.length === 0) return noExceptions
  return {
    places: Uint32Array.from(places),
    flagBits: Uint8Array.from(flagBits),
    from: Float64Array.from(from),
  }
}

function isSame(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index])
}
