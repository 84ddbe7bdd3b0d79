import type { Instant, Interval } from '../units.ts'
import { numberAt } from './columns.ts'
import { type EnergySample, flagBitsOf } from './energy-sample.ts'
import type { TickColumns } from './energy-spans.ts'
import { type LoadedRow } from './loaded-row.ts'

/** What a tick adds to a series. It ends with the tick. */
export type PutSample = Pick<EnergySample, 'during' | 'energy' | 'counter' | 'flags'>

/** What a tick lacks is NaN, which no sample has. */
const nothing = Number.NaN

/**
 * The ticks of a node that are still coming in, as they are. Tick by tick, all rows of one behind another: a scrape
 * writes them in that order, and memory is fast in order.
 */
export class OpenBlock {
  readonly mostTicks: number
  ticks = 0
  readonly from: Float64Array
  readonly to: Float64Array
  /** The row of each series. */
  readonly rows = new Map<number, number>()
  /** Samples that begin before their tick, by place. */
  readonly #earlierFrom = new Map<number, Instant>()
  /** `tick * capacity + row`. */
  #energies: Float64Array
  #counters: Float64Array
  #flags: Uint8Array
  #capacity: number
  #series: Uint32Array | undefined

  constructor(mostTicks: number) {
    this.mostTicks = mostTicks
    this.from = new Float64Array(mostTicks)
    this.to = new Float64Array(mostTicks)
    this.#capacity = 0
    this.#energies = new Float64Array(0)
    this.#counters = new Float64Array(0)
    this.#flags = new Uint8Array(0)
  }

  /**
   * Begins anew, without ticks, with rows for the series of the last tick and for whatever comes beside them. The columns
   * are used again, unless much of them would lie idle: new ones, so large, would call the collector of garbage.
   */
  restart(): void {
    const live = this.#liveSeries()
    if (live.length < this.rows.size) {
      this.#series = undefined
      this.rows.clear()
      for (const series of live) this.rows.set(series, this.rows.size)
    }
    this.ticks = 0
    this.#earlierFrom.clear()
    if (live.length * 1.25 + 8 < this.#capacity) this.#makeRoom(withSpareRows(live.length))
  }

  get bytes(): number {
    return (
      this.#energies.byteLength +
      this.#counters.byteLength +
      this.#flags.byteLength +
      2 * this.from.byteLength
    )
  }

  /** The series with a sample in the last tick. */
  #liveSeries(): readonly number[] {
    const live: number[] = []
    for (const [series, row] of this.rows) {
      if (!Number.isNaN(this.#energyAt(this.ticks - 1, row))) live.push(series)
    }
    return live
  }

  get isFull(): boolean {
    return this.ticks === this.mostTicks
  }

  /** By row; the same list as long as there are no other rows. */
  get series(): Uint32Array {
    this.#series ??= Uint32Array.from(this.rows.keys())
    return this.#series
  }

  /** The ticks from `first` on, as they lie. */
  columns(first: number): TickColumns {
    return {
      first,
      ticks: this.ticks,
      from: this.from,
      to: this.to,
      rows: this.rows.size,
      stride: this.#capacity,
      joules: this.#energies,
      flagBits: this.#flags,
      earlierFrom: this.#earlierFrom,
    }
  }

  beginTick({ from, to }: Interval): void {
    this.from[this.ticks] = from
    this.to[this.ticks] = to
    const begin = this.ticks * this.#capacity
    this.#energies.fill(nothing, begin, begin + this.#capacity)
    this.#counters.fill(nothing, begin, begin + this.#capacity)
    this.ticks++
  }

  /** Adds a sample to the last tick. False, and nothing is added, if the tick has one of this series. */
  put(series: number, { during, energy, counter, flags }: PutSample): boolean {
    const tick = this.ticks - 1
    const place = this.#placeOf(tick, this.#rowFor(series))
    if (!Number.isNaN(numberAt(this.#energies, place))) return false
    this.#energies[place] = energy
    this.#counters[place] = counter
    this.#flags[place] = flagBitsOf(flags)
    if (during.from !== this.from[tick]) this.#earlierFrom.set(place, during.from)
    return true
  }

  /** The row of a series, or -1. */
  rowOf(series: number): number {
    return this.rows.get(series) ?? -1
  }

  /** Loads the ticks from `first` on; those before are left as they are. */
  load(row: number, into: LoadedRow, first = 0): void {
    for (let tick = first; tick < this.ticks; tick++) {
      const place = this.#placeOf(tick, row)
      into.energies[tick] = numberAt(this.#energies, place)
      into.counters[tick] = numberAt(this.#counters, place)
      into.flagBits[tick] = this.#flags[place] ?? 0
      into.from[tick] = this.#earlierFrom.get(place) ?? numberAt(this.from, tick)
    }
  }

  #energyAt(tick: number, row: number): number {
    return numberAt(this.#energies, this.#placeOf(tick, row))
  }

  #placeOf(tick: number, row: number): number {
    return tick * this.#capacity + row
  }

  #rowFor(series: number): number {
    const known = this.rows.get(series)
    if (known !== undefined) return known
    const row = this.rows.size
    this.rows.set(series, row)
    this.#series = undefined
    // All come with the first tick; what comes later are single containers.
    if (row === this.#capacity) this.#makeRoom(this.ticks === 1 ? 2 * row + 8 : withSpareRows(row))
    return row
  }

  #makeRoom(capacity: number): void {
    const before = this.#capacity
    this.#energies = this.#withCapacity(this.#energies, capacity)
    this.#counters = this.#withCapacity(this.#counters, capacity)
    const flags = new Uint8Array(this.mostTicks * capacity)
    for (let tick = 0; tick < this.ticks; tick++) {
      flags.set(this.#flags.subarray(tick * before, (tick + 1) * before), tick * capacity)
    }
    this.#flags = flags
    const places = [...this.#earlierFrom]
    this.#earlierFrom.clear()
    for (const [place, from] of places) {
      const tick = Math.floor(place / before)
      this.#earlierFrom.set(tick * capacity + (place - tick * before), from)
    }
    this.#capacity = capacity
  }

  #withCapacity(column: Float64Array, capacity: number): Float64Array {
    const before = this.#capacity
    const other = new Float64Array(this.mostTicks * capacity).fill(nothing)
    for (let tick = 0; tick < this.ticks; tick++) {
      other.set(column.subarray(tick * before, (tick + 1) * before), tick * capacity)
    }
    return other
  }
}

/** Room for an eighth more, so that churn does not copy the columns for every new container. */
function withSpareRows(rows: number): number {
  return rows + Math.max(8, rows >> 3)
}
