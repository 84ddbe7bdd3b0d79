import { type Instant, type Interval, instant, joules } from '../units.ts'
import { type EnergySample, flagsOf } from './energy-sample.ts'
import type { SpanRow } from './span-columns.ts'

/** Which samples of a series are wanted. Ends of samples count, both ends of a range included, as the API says. */
export type SampleSelection =
  | { readonly kind: 'range'; readonly from: Instant; readonly to: Instant }
  | { readonly kind: 'last'; readonly count: number }

/**
 * The recent samples of one node, in columns. All containers of a node are read in the same scrapes, so time is
 * stored once per tick and a sample costs its two numbers: 16 bytes, and a flag byte where a block has any flag.
 *
 * A series is one container's samples, under a number of the caller's that is never used for another container.
 * Every block has rows for the series of its own time only, so the memory of vanished series goes with their blocks.
 */
export type NodeHistory = {
  /** Bytes held in columns. */
  readonly bytes: number
  beginTick(during: Interval): void
  /** Adds a sample to the tick begun last. `from` may lie before the tick when the container was not seen in between. */
  put(series: number, sample: PutSample): void
  /** Whether the tick begun last has a sample of `series`. */
  isPut(series: number): boolean
  /** Drops the blocks whose ticks all ended before `at`. */
  forgetBefore(at: Instant): void
  /** The samples of `series`, oldest first. */
  read(series: number, selection: SampleSelection): HistorySample[]
  /** Calls `visit` with the samples of `series` that share time with `during`. The row is the same object each time. */
  visit(series: number, during: Interval, visit: (row: SpanRow) => void): void
}

/** A sample whose node and container the caller knows. */
export type HistorySample = Omit<EnergySample, 'node'>

export type PutSample = {
  readonly from: Instant
  readonly energyJoules: number
  readonly counterJoules: number
  readonly flagBits: number
}

const ticksPerBlock = 60

type Block = {
  ticks: number
  /** The row of each series. Shared with the block before while the two have the same series. */
  rows: ReadonlyMap<number, number>
  ownRows: Map<number, number> | undefined
  readonly from: Float64Array
  readonly to: Float64Array
  /** `row * ticksPerBlock + tick`; NaN where the container has no sample. */
  energy: Float64Array
  counter: Float64Array
  /** Empty in a sealed block without any flag. */
  flags: Uint8Array
  /** Samples that begin before their tick, by index. */
  readonly earlierFrom: Map<number, Instant>
}

export function createNodeHistory(): NodeHistory {
  const blocks: Block[] = []

  function openBlock(): Block {
    const last = blocks.at(-1)
    if (last !== undefined && last.ticks < ticksPerBlock) return last
    if (last !== undefined) seal(last)
    const block = emptyBlock(last === undefined ? new Map() : rowsOfLiveSeries(last))
    blocks.push(block)
    return block
  }

  return {
    get bytes() {
      let bytes = 0
      for (const block of blocks) {
        bytes += block.energy.byteLength + block.counter.byteLength + block.flags.byteLength
        bytes += 2 * ticksPerBlock * Float64Array.BYTES_PER_ELEMENT
      }
      return bytes
    },

    beginTick(during) {
      const block = openBlock()
      block.from[block.ticks] = during.from
      block.to[block.ticks] = during.to
      block.ticks += 1
    },

    put(series, sample) {
      const block = openTick(blocks)
      const tick = block.ticks - 1
      const index = rowOf(block, series) * ticksPerBlock + tick
      block.energy[index] = sample.energyJoules
      block.counter[index] = sample.counterJoules
      block.flags[index] = sample.flagBits
      if (sample.from !== block.from[tick]) block.earlierFrom.set(index, sample.from)
    },

    isPut(series) {
      const block = openTick(blocks)
      const row = block.rows.get(series)
      if (row === undefined) return false
      return !Number.isNaN(valueAt(block.energy, row * ticksPerBlock + block.ticks - 1))
    },

    forgetBefore(at) {
      for (;;) {
        const oldest = blocks[0]
        if (oldest === undefined || endOf(oldest) >= at) break
        blocks.shift()
      }
    },

    read(series, selection) {
      const found: HistorySample[] = []
      const wanted = selection.kind === 'last' ? selection.count : Number.POSITIVE_INFINITY
      const earliest = selection.kind === 'range' ? selection.from : Number.NEGATIVE_INFINITY
      const latest = selection.kind === 'range' ? selection.to : Number.POSITIVE_INFINITY
      for (let b = blocks.length - 1; b >= 0 && found.length < wanted; b -= 1) {
        const block = blocks[b]
        if (block === undefined || endOf(block) < earliest) break
        const row = block.rows.get(series)
        if (row === undefined) continue
        for (let tick = block.ticks - 1; tick >= 0 && found.length < wanted; tick -= 1) {
          const to = valueAt(block.to, tick)
          if (to < earliest) break
          if (to > latest) continue
          const sample = sampleAt(block, { index: row * ticksPerBlock + tick, tick })
          if (sample !== undefined) found.push(sample)
        }
      }
      return found.reverse()
    },

    visit(series, during, visit) {
      const visited = { from: 0, to: 0, joules: 0, samples: 1, flagBits: 0 }
      for (const block of blocks) {
        const row = block.rows.get(series)
        if (row === undefined || endOf(block) <= during.from) continue
        const first = row * ticksPerBlock
        for (let tick = 0; tick < block.ticks; tick += 1) {
          const joulesUsed = valueAt(block.energy, first + tick)
          if (Number.isNaN(joulesUsed)) continue
          visited.from = block.earlierFrom.get(first + tick) ?? valueAt(block.from, tick)
          visited.to = valueAt(block.to, tick)
          if (visited.from >= during.to || visited.to <= during.from) continue
          visited.joules = joulesUsed
          visited.flagBits = block.flags[first + tick] ?? 0
          visit(visited)
        }
      }
    },
  }
}

function sampleAt(
  block: Block,
  { index, tick }: { readonly index: number; readonly tick: number },
): HistorySample | undefined {
  const energy = valueAt(block.energy, index)
  if (Number.isNaN(energy)) return undefined
  return {
    during: {
      from: block.earlierFrom.get(index) ?? instant(valueAt(block.from, tick)),
      to: instant(valueAt(block.to, tick)),
    },
    energy: joules(energy),
    counter: joules(valueAt(block.counter, index)),
    flags: flagsOf(block.flags[index] ?? 0),
  }
}

function openTick(blocks: readonly Block[]): Block {
  const block = blocks.at(-1)
  if (block === undefined || block.ticks === 0) throw new Error('no tick has begun')
  return block
}

function endOf(block: Block): number {
  return valueAt(block.to, block.ticks - 1)
}

function emptyColumn(rows: number): Float64Array {
  return new Float64Array(rows * ticksPerBlock).fill(Number.NaN)
}

function emptyBlock(rows: ReadonlyMap<number, number>): Block {
  return {
    ticks: 0,
    rows,
    ownRows: undefined,
    from: new Float64Array(ticksPerBlock),
    to: new Float64Array(ticksPerBlock),
    energy: emptyColumn(rows.size),
    counter: emptyColumn(rows.size),
    flags: new Uint8Array(rows.size * ticksPerBlock),
    earlierFrom: new Map(),
  }
}

/** The series with a sample in the block's last tick, as rows of the next block. */
function rowsOfLiveSeries(block: Block): ReadonlyMap<number, number> {
  const live = new Map<number, number>()
  for (const [series, row] of block.rows) {
    const energy = valueAt(block.energy, row * ticksPerBlock + block.ticks - 1)
    if (!Number.isNaN(energy)) live.set(series, live.size)
  }
  return live.size === block.rows.size ? block.rows : live
}

function rowOf(block: Block, series: number): number {
  const known = block.rows.get(series)
  if (known !== undefined) return known
  const row = block.rows.size
  block.ownRows ??= new Map(block.rows)
  block.ownRows.set(series, row)
  block.rows = block.ownRows
  growTo(block, row + 1)
  return row
}

/** Grows by an eighth, so that churn does not copy the columns at every new container. */
function growTo(block: Block, rows: number): void {
  if (rows * ticksPerBlock <= block.energy.length) return
  const capacity = rows + Math.max(8, rows >> 3)
  const energy = emptyColumn(capacity)
  const counter = emptyColumn(capacity)
  const flags = new Uint8Array(capacity * ticksPerBlock)
  energy.set(block.energy)
  counter.set(block.counter)
  flags.set(block.flags)
  block.energy = energy
  block.counter = counter
  block.flags = flags
}

/** A full block gives back the room that it did not need. */
function seal(block: Block): void {
  const used = block.rows.size * ticksPerBlock
  if (used < block.energy.length) {
    block.energy = block.energy.slice(0, used)
    block.counter = block.counter.slice(0, used)
    block.flags = block.flags.slice(0, used)
  }
  if (block.flags.every((bits) => bits === 0)) block.flags = new Uint8Array(0)
}

function valueAt(column: Float64Array, index: number): number {
  const value = column[index]
  if (value === undefined) throw new RangeError(`the column has no row ${index}`)
  return value
}
