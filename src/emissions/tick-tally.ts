import { bitsAt, countAt, numberAt } from '../energy/columns.ts'
import type { TickBlock } from '../energy/energy-spans.ts'

/** The groups of the rows of a block, under numbers of their own. */
export type RowGroups = {
  /** By row: an index into `rowCounts`, or its length for a row that does not count. */
  readonly at: Uint32Array
  /** The numbers of the groups; there may be more places, which say nothing. */
  readonly groups: Int32Array
  /** How many rows each of them has. */
  readonly rowCounts: Uint32Array
}

/** Sums over the rows of a tick, by group, and one place more for what does not count. */
export type TickTally = {
  /** For so many groups. */
  readonly room: number
  readonly joules: Float64Array
  readonly counts: Uint32Array
  readonly flagBits: Uint8Array
}

export function createTickTally(room: number): TickTally {
  return {
    room,
    joules: new Float64Array(room + 1),
    counts: new Uint32Array(room + 1),
    flagBits: new Uint8Array(room + 1),
  }
}

type TallyOfTick = { readonly block: TickBlock; readonly tick: number; readonly rowGroups: RowGroups }

/** Sums up the samples that begin with the tick. */
export function readTick(tally: TickTally, of: TallyOfTick): void {
  if (of.block.earlierFrom.size > 0 || !readFullTick(tally, of)) readSparseTick(tally, of)
}

/** A third of the time of what follows, where each row has a sample and all have the same flags; else false, and the tally is of no use. */
function readFullTick(
  { joules, counts, flagBits }: TickTally,
  { block, tick, rowGroups: { at, rowCounts } }: TallyOfTick,
): boolean {
  const { joules: energies, flagBits: bits, stride, rows } = block
  const begin = tick * stride
  let ofAny = 0
  let ofAll = 0xff
  joules.fill(0)
  for (let row = 0; row < rows; row += 1) {
    const index = countAt(at, row)
    joules[index] = numberAt(joules, index) + numberAt(energies, begin + row)
    const ofRow = bitsAt(bits, begin + row)
    ofAny |= ofRow
    ofAll &= ofRow
  }
  if (ofAny !== ofAll) return false
  for (let index = 0; index < rowCounts.length; index += 1) {
    // The sum has no number if one of the rows has none.
    if (Number.isNaN(numberAt(joules, index))) return false
  }
  counts.set(rowCounts)
  flagBits.fill(ofAny)
  return true
}

function readSparseTick(
  { joules, counts, flagBits }: TickTally,
  { block, tick, rowGroups: { at } }: TallyOfTick,
): void {
  joules.fill(0)
  counts.fill(0)
  flagBits.fill(0)
  const { joules: energies, flagBits: bits, earlierFrom, stride, rows } = block
  const hasEarlier = earlierFrom.size > 0
  const begin = tick * stride
  for (let row = 0; row < rows; row += 1) {
    const energy = numberAt(energies, begin + row)
    if (Number.isNaN(energy) || (hasEarlier && earlierFrom.has(begin + row))) continue
    const index = countAt(at, row)
    joules[index] = numberAt(joules, index) + energy
    counts[index] = countAt(counts, index) + 1
    flagBits[index] = bitsAt(flagBits, index) | bitsAt(bits, begin + row)
  }
}
