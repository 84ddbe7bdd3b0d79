import type { SampleRow } from './sample-row.ts'

/** The samples of one series in one block, one for each tick: what is read of a block lies here until the next is read. */
export type LoadedRow = SampleRow & {
  readonly from: Float64Array
  readonly flagBits: Uint8Array
}

export function emptyRow(ticks: number): LoadedRow {
  return {
    energies: new Float64Array(ticks),
    counters: new Float64Array(ticks),
    from: new Float64Array(ticks),
    flagBits: new Uint8Array(ticks),
  }
}
