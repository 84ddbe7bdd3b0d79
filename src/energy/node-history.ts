import { type Instant, type Interval, instant, joules } from '../units.ts'
import { numberAt } from './columns.ts'
import { type EnergySample, flagsOf } from './energy-sample.ts'
import type { TickColumns } from './energy-spans.ts'
import { emptyRow } from './loaded-row.ts'
import { OpenBlock, type PutSample } from './open-block.ts'
import { SealedBlock, type UnpackedRows } from './sealed-block.ts'
import { type Steps, withoutPause } from './steps.ts'

/** Which samples of a series are wanted. Ends of samples count, both ends of a range included, as the API says. */
export type SampleSelection =
  | { readonly kind: 'range'; readonly from: Instant; readonly to: Instant }
  | { readonly kind: 'last'; readonly count: number }

/**
 * The recent samples of one node. All containers of a node are read in the same scrapes, so time is stored once per tick.
 * The newest ticks are kept as they are, the older ones packed: a sample of the newest takes 17 bytes, one of the others
 * one to five (`sample-row.ts`), and all come back to the last bit.
 *
 * A series is one container's samples, under a number of the caller's that is never used for another container.
 * Every block has rows for the series of its own time only, so the memory of vanished series goes with their blocks.
 */
export type NodeHistory = {
  /** Bytes held in columns. */
  readonly bytes: number
  beginTick(during: Interval): void
  /** The same, in steps: it may pack the ticks before. */
  beginningTick(during: Interval): Steps<void>
  /**
   * Adds a sample to the tick begun last, with which it ends. It may begin before the tick, when the container was not
   * seen in between. False, and nothing is added, if the tick has one of this series.
   */
  put(series: number, sample: PutSample): boolean
  /** Drops the blocks whose ticks all ended before `at`. */
  forgetBefore(at: Instant): void
  /** The samples of `series`, oldest first. */
  read(series: number, selection: SampleSelection): HistorySample[]
  /** Calls `visit` with the one row of `series` in each block that has ticks which share time with `during`. */
  visitRow(series: number, during: Interval, visit: (columns: TickColumns) => void): void
  /**
   * The blocks that have ticks which share time with `during`, with the series of their rows: the same list as long as it
   * says the same. Each is to be read before the next is asked for; ticks may come in between, and are not told.
   */
  blocksWithin(during: Interval): Generator<TickColumns & { readonly series: Uint32Array }>
}

/** A sample whose node and container the caller knows. */
export type HistorySample = Omit<EnergySample, 'node'>

/** More would keep more samples as they are, fewer would pack less well: the first of a row takes eight bytes. */
const ticksPerBlock = 24

export function createNodeHistory(): NodeHistory {
  const sealed: SealedBlock[] = []
  let open: OpenBlock | undefined
  const loaded = emptyRow(ticksPerBlock)

  function openTick(): OpenBlock {
    if (open === undefined) throw new Error('no tick has begun')
    return open
  }

  function* beginningTick(during: Interval): Steps<void> {
    if (open?.isFull === true) {
      const block = yield* SealedBlock.sealing(open, sealed.at(-1)?.series)
      sealed.push(block)
      open.restart()
    }
    open ??= new OpenBlock(ticksPerBlock)
    open.beginTick(during)
  }

  return {
    get bytes() {
      let bytes = open?.bytes ?? 0
      let series: Uint32Array | undefined
      for (const block of sealed) {
        bytes += block.bytes
        if (block.series !== series) bytes += block.series.byteLength
        series = block.series
      }
      return bytes
    },

    beginTick: (during) => withoutPause(beginningTick(during)),
    beginningTick,

    put: (series, sample) => openTick().put(series, sample),

    forgetBefore(at) {
      const kept = sealed.findIndex((block) => endOf(block) >= at)
      sealed.splice(0, kept < 0 ? sealed.length : kept)
      if (open !== undefined && endOf(open) < at) open = undefined
    },

    read(series, selection) {
      const found: HistorySample[] = []
      const wanted = selection.kind === 'last' ? selection.count : Number.POSITIVE_INFINITY
      const earliest = selection.kind === 'range' ? selection.from : Number.NEGATIVE_INFINITY
      const latest = selection.kind === 'range' ? selection.to : Number.POSITIVE_INFINITY
      for (let b = sealed.length; b >= 0 && found.length < wanted; b -= 1) {
        const block = b === sealed.length ? open : sealed[b]
        if (block === undefined) continue
        if (endOf(block) < earliest) break
        const row = block.rowOf(series)
        if (row < 0) continue
        block.load(row, loaded)
        for (let tick = block.ticks - 1; tick >= 0 && found.length < wanted; tick -= 1) {
          const to = numberAt(block.to, tick)
          if (to < earliest) break
          const energy = numberAt(loaded.energies, tick)
          if (to > latest || Number.isNaN(energy)) continue
          found.push({
            during: { from: instant(numberAt(loaded.from, tick)), to: instant(to) },
            energy: joules(energy),
            counter: joules(numberAt(loaded.counters, tick)),
            flags: flagsOf(loaded.flagBits[tick] ?? 0),
          })
        }
      }
      return found.reverse()
    },

    visitRow(series, during, visit) {
      for (let b = 0; b <= sealed.length; b += 1) {
        const block = b === sealed.length ? open : sealed[b]
        if (block === undefined || endOf(block) <= during.from) continue
        if (block instanceof SealedBlock && block.begin >= during.to) break
        const row = block.rowOf(series)
        if (row < 0) continue
        const first = firstEndingAfter(block, during.from)
        block.load(row, loaded, first)
        visit({
          first,
          ticks: block.ticks,
          from: block.from,
          to: block.to,
          rows: 1,
          stride: 1,
          joules: loaded.energies,
          flagBits: loaded.flagBits,
          earlierFrom: earlierBegins(loaded.from, block, first),
        })
      }
    },

    *blocksWithin(during) {
      // The open block comes first: it may be packed while others are read, and begin anew.
      const packed = sealed.filter((block) => endOf(block) > during.from && block.begin < during.to)
      if (open !== undefined && endOf(open) > during.from)
        yield { ...open.columns(firstEndingAfter(open, during.from)), series: open.series }
      for (const block of packed) {
        const first = firstEndingAfter(block, during.from)
        yield { ...block.columns(unpackedRows, first), series: block.series }
      }
    },
  }
}

/** One for all: what is read lies here until the next is read. */
const unpackedRows: UnpackedRows = {
  joules: new Float64Array(0),
  flagBits: new Uint8Array(0),
  row: emptyRow(ticksPerBlock),
}

type Block = OpenBlock | SealedBlock

function endOf(block: Block): number {
  return numberAt(block.to, block.ticks - 1)
}

const noEarlierBegins: TickColumns['earlierFrom'] = new Map()

/** Of one row, the begins that are before those of their ticks. */
function earlierBegins(begins: Float64Array, block: Block, first: number): TickColumns['earlierFrom'] {
  let earlier: Map<number, Instant> | undefined
  for (let tick = first; tick < block.ticks; tick += 1) {
    const begin = numberAt(begins, tick)
    if (begin === block.from[tick]) continue
    earlier ??= new Map()
    earlier.set(tick, instant(begin))
  }
  return earlier ?? noEarlierBegins
}

function firstEndingAfter(block: Block, at: Instant): number {
  let tick = block.ticks
  while (tick > 0 && numberAt(block.to, tick - 1) > at) tick -= 1
  return tick
}
