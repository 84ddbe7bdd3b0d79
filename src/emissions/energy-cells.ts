import type { EnergySpans } from '../energy/energy-spans.ts'
import { bitsAt, countAt, numberAt, shortNumberAt } from './columns.ts'

/** Energy by group and atom, in columns: what group `g` used in atom `a` stands at `g * atoms + a`. */
export type EnergyCells = {
  /** Ascending; one more than there are atoms. */
  readonly bounds: Float64Array
  readonly joules: Float64Array
  /** Time for which containers of the group were measured, in milliseconds; that of several adds up. */
  readonly measuredMs: Float64Array
  /** Where in the atom the first of them was measured, and the last, in milliseconds from its beginning. */
  readonly earliestMs: Float32Array
  readonly latestMs: Float32Array
  /** By group: bits of `sampleFlags` that any row within the bounds has. */
  readonly flagBits: Uint8Array
  /** Groups that have cells. */
  readonly groups: number
  /** Samples that end within the bounds, or beyond the last. */
  readonly samples: number
  /** The grain of the coarsest sums among the rows; undefined where each was a sample. */
  readonly coarsestGrainSeconds: number | undefined
  /**
   * Adds rows; `groupAt[i]` is the group of series `i`, or negative where it does not count. Power is constant within a
   * row: what of it lies in an atom counts there, in proportion to time. False when there is no room for all the
   * groups; the cells are then of no use any more.
   */
  add(spans: EnergySpans, groupAt: Int32Array): boolean
}

/** Energy over the atoms of a time, in columns: a group's row of energy cells. */
export type AtomEnergy = {
  readonly joules: Float64Array
  readonly measuredMs: Float64Array
  readonly earliestMs: Float32Array
  readonly latestMs: Float32Array
  /** Where the row begins in the columns. */
  readonly offset: number
}

export type CellsOptions = {
  readonly bounds: Float64Array
  readonly mostCells: number
  /** Whether samples that end beyond the last bound are counted here, and not in the cells for the time after. */
  readonly isLast: boolean
}

export function createEnergyCells({ bounds, mostCells, isLast }: CellsOptions): EnergyCells {
  const atoms = bounds.length - 1
  const first = numberAt(bounds, 0)
  const last = numberAt(bounds, atoms)
  let joules = new Float64Array(atoms)
  let measuredMs = new Float64Array(atoms)
  let earliestMs = new Float32Array(atoms).fill(Infinity)
  let latestMs = new Float32Array(atoms)
  let flagBits = new Uint8Array(1)
  let groups = 0
  let samples = 0
  let coarsestGrainSeconds: number | undefined

  function makeRoomFor(wanted: number): boolean {
    if (wanted * atoms > Math.max(mostCells, atoms)) return false
    if (wanted > flagBits.length) {
      const room = Math.min(Math.max(wanted, 2 * flagBits.length), Math.ceil(mostCells / atoms))
      joules = begunWith(joules, new Float64Array(room * atoms))
      measuredMs = begunWith(measuredMs, new Float64Array(room * atoms))
      earliestMs = begunWith(earliestMs, new Float32Array(room * atoms).fill(Infinity))
      latestMs = begunWith(latestMs, new Float32Array(room * atoms))
      flagBits = begunWith(flagBits, new Uint8Array(room))
    }
    groups = Math.max(groups, wanted)
    return true
  }

  /** The atom that holds `at`, which lies within the bounds. */
  function atomAt(at: number): number {
    let low = 0
    let high = atoms - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (numberAt(bounds, middle) <= at) low = middle
      else high = middle - 1
    }
    return low
  }

  return {
    bounds,
    get joules() {
      return joules
    },
    get measuredMs() {
      return measuredMs
    },
    get earliestMs() {
      return earliestMs
    },
    get latestMs() {
      return latestMs
    },
    get flagBits() {
      return flagBits
    },
    get groups() {
      return groups
    },
    get samples() {
      return samples
    },
    get coarsestGrainSeconds() {
      return coarsestGrainSeconds
    },

    add(spans, groupAt) {
      let highest = -1
      for (const group of groupAt) if (group > highest) highest = group
      if (!makeRoomFor(highest + 1)) return false
      if (spans.grainSeconds !== undefined)
        coarsestGrainSeconds = Math.max(coarsestGrainSeconds ?? 0, spans.grainSeconds)
      const { length, seriesAt, from: froms, to: tos, joules: energies, flagBits: bits } = spans
      const grainMs = spans.grainSeconds === undefined ? 0 : spans.grainSeconds * 1000
      // Rows that follow each other mostly lie in the same atom, or in the next one.
      let atom = 0
      let atomFrom = first
      let atomTo = numberAt(bounds, 1)
      for (let row = 0; row < length; row += 1) {
        const group = groupAt[countAt(seriesAt, row)] ?? -1
        const from = numberAt(froms, row)
        const to = numberAt(tos, row)
        if (group < 0 || to <= first || from >= last) continue
        const energy = numberAt(energies, row)
        flagBits[group] = bitsAt(flagBits, group) | bitsAt(bits, row)
        if (to <= last || isLast) samples += countAt(spans.samples, row)
        const end = to < last ? to : last
        let begin = from > first ? from : first
        if (begin < atomFrom || begin >= atomTo) {
          atom = atomAt(begin)
          atomFrom = numberAt(bounds, atom)
          atomTo = numberAt(bounds, atom + 1)
        }
        for (;;) {
          const until = end < atomTo ? end : atomTo
          const isWhole = begin === from && until === to
          const cell = group * atoms + atom
          joules[cell] =
            numberAt(joules, cell) + (isWhole ? energy : (energy * (until - begin)) / (to - from))
          measuredMs[cell] = numberAt(measuredMs, cell) + (until - begin)
          if (begin - atomFrom < shortNumberAt(earliestMs, cell)) earliestMs[cell] = begin - atomFrom
          const latest = Math.min(until === to ? latestOf(from, to, grainMs) : until, atomTo) - atomFrom
          if (latest > shortNumberAt(latestMs, cell)) latestMs[cell] = latest
          if (until >= end) break
          begin = until
          atom += 1
          atomFrom = begin
          atomTo = numberAt(bounds, atom + 1)
        }
      }
      return true
    },
  }
}

/**
 * Until when at the latest the containers of a row were measured. The time of a sum is laid at the beginning of its grain, and
 * may have been anywhere in it.
 */
function latestOf(from: number, to: number, grainMs: number): number {
  return grainMs === 0 ? to : Math.max(to, (Math.floor(from / grainMs) + 1) * grainMs)
}

/** `larger`, which begins with what the column holds. */
function begunWith<Column extends Float64Array | Float32Array | Uint8Array>(
  column: Column,
  larger: Column,
): Column {
  larger.set(column)
  return larger
}

/** The row of one group. */
export function cellsOf(cells: EnergyCells, group: number): AtomEnergy {
  const { joules, measuredMs, earliestMs, latestMs, bounds } = cells
  return { joules, measuredMs, earliestMs, latestMs, offset: group * (bounds.length - 1) }
}

/** The sum of all groups' rows. */
export function cellsOfAll(cells: EnergyCells): AtomEnergy {
  const atoms = cells.bounds.length - 1
  const joules = new Float64Array(atoms)
  const measuredMs = new Float64Array(atoms)
  const earliestMs = new Float32Array(atoms).fill(Infinity)
  const latestMs = new Float32Array(atoms)
  for (let cell = 0; cell < cells.groups * atoms; cell += 1) {
    const atom = cell % atoms
    joules[atom] = numberAt(joules, atom) + numberAt(cells.joules, cell)
    measuredMs[atom] = numberAt(measuredMs, atom) + numberAt(cells.measuredMs, cell)
    earliestMs[atom] = Math.min(shortNumberAt(earliestMs, atom), shortNumberAt(cells.earliestMs, cell))
    latestMs[atom] = Math.max(shortNumberAt(latestMs, atom), shortNumberAt(cells.latestMs, cell))
  }
  return { joules, measuredMs, earliestMs, latestMs, offset: 0 }
}

/**
 * The time of an atom in which at least one of the containers was measured: exact for one container; for several,
 * a pause that all of them make in the midst of the atom goes unseen.
 */
export function coveredMs({ measuredMs, earliestMs, latestMs, offset }: AtomEnergy, atom: number): number {
  const measured = numberAt(measuredMs, offset + atom)
  if (measured === 0) return 0
  return Math.min(measured, shortNumberAt(latestMs, offset + atom) - shortNumberAt(earliestMs, offset + atom))
}
