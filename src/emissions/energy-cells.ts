import { bitsAt, countAt, indexAt, numberAt, shortNumberAt } from '../energy/columns.ts'
import type { EnergySpans, TickBlock } from '../energy/energy-spans.ts'
import { sampleAt } from '../energy/tick-block.ts'
import { createTickTally, type RowGroups, readTick, type TickTally } from './tick-tally.ts'

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
   * Adds rows; `groups[i]` is the group of series `i`, or negative where it does not count. Power is constant within a
   * row: what of it lies in an atom counts there, in proportion to time. False when there is no room for all the
   * groups; the cells are then of no use any more.
   */
  add(spans: EnergySpans, groups: Int32Array): boolean
  /** Adds the samples of a block in the same way. Those of a tick that have a group in common are taken together. */
  addBlock(block: TickBlock, groups: RowGroups): boolean
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
  let { joules, measuredMs, earliestMs, latestMs } = emptyCells(atoms)
  let flagBits = new Uint8Array(1)
  let groupCount = 0
  let samples = 0
  let coarsestGrainSeconds: number | undefined

  function makeRoomFor(wanted: number): boolean {
    if (wanted * atoms > Math.max(mostCells, atoms)) return false
    if (wanted > flagBits.length) {
      const room = Math.min(Math.max(wanted, 2 * flagBits.length), Math.ceil(mostCells / atoms))
      const larger = emptyCells(room * atoms)
      joules = begunWith(joules, larger.joules)
      measuredMs = begunWith(measuredMs, larger.measuredMs)
      earliestMs = begunWith(earliestMs, larger.earliestMs)
      latestMs = begunWith(latestMs, larger.latestMs)
      flagBits = begunWith(flagBits, new Uint8Array(room))
    }
    groupCount = Math.max(groupCount, wanted)
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

  const run: Run = { from: 0, to: 0, joules: 0, containers: 1, samples: 1, flagBits: 0, grainMs: 0 }
  // Runs that follow each other mostly lie in the same atom, or in the next one.
  let atom = 0
  let atomFrom = first
  let atomTo = numberAt(bounds, 1)

  /** Makes the atom that holds `at` the present one. False outside the bounds. */
  function findAtom(at: number): boolean {
    if (at >= atomFrom && at < atomTo) return true
    if (at < first || at >= last) return false
    atom = atomAt(at)
    atomFrom = numberAt(bounds, atom)
    atomTo = numberAt(bounds, atom + 1)
    return true
  }

  function addToCell(cell: number, energy: number, containerMs: number): void {
    joules[cell] = numberAt(joules, cell) + energy
    measuredMs[cell] = numberAt(measuredMs, cell) + containerMs
  }

  /** Times of the present atom in which the group was measured. */
  function noteTimes(cell: number, from: number, to: number): void {
    if (from - atomFrom < shortNumberAt(earliestMs, cell)) earliestMs[cell] = from - atomFrom
    if (to - atomFrom > shortNumberAt(latestMs, cell)) latestMs[cell] = to - atomFrom
  }

  function addRun(group: number, of: Readonly<Run>): void {
    const { from, to, joules: energy } = of
    if (to <= first || from >= last) return
    flagBits[group] = bitsAt(flagBits, group) | of.flagBits
    if (to <= last || isLast) samples += of.samples
    const end = to < last ? to : last
    let begin = from > first ? from : first
    findAtom(begin)
    for (;;) {
      const until = end < atomTo ? end : atomTo
      const isWhole = begin === from && until === to
      const part = isWhole ? energy : (energy * (until - begin)) / (to - from)
      const latest = Math.min(until === to ? latestOf(from, to, of.grainMs) : until, atomTo)
      const cell = group * atoms + atom
      addToCell(cell, part, of.containers * (until - begin))
      noteTimes(cell, begin, latest)
      if (until >= end) break
      begin = until
      atom += 1
      atomFrom = begin
      atomTo = numberAt(bounds, atom + 1)
    }
  }

  let tally: TickTally | undefined

  /** Adds what the tally has of a tick. Mostly one atom holds all of it. */
  function addTick(
    { from, to }: { readonly from: number; readonly to: number },
    { joules: energies, counts, flagBits: bits }: TickTally,
    { groups, rowCounts }: RowGroups,
  ): void {
    const isInAtom = findAtom(from) && to <= atomTo
    for (let index = 0; index < rowCounts.length; index += 1) {
      const count = countAt(counts, index)
      if (count === 0) continue
      const group = indexAt(groups, index)
      if (isInAtom) {
        const cell = group * atoms + atom
        addToCell(cell, numberAt(energies, index), count * (to - from))
        noteTimes(cell, from, to)
        flagBits[group] = bitsAt(flagBits, group) | bitsAt(bits, index)
        samples += count
        continue
      }
      run.from = from
      run.to = to
      run.joules = numberAt(energies, index)
      run.containers = count
      run.samples = count
      run.flagBits = bitsAt(bits, index)
      run.grainMs = 0
      addRun(group, run)
    }
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
      return groupCount
    },
    get samples() {
      return samples
    },
    get coarsestGrainSeconds() {
      return coarsestGrainSeconds
    },

    add(spans, groups) {
      if (!makeRoomFor(highestOf(groups, groups.length) + 1)) return false
      if (spans.grainSeconds !== undefined)
        coarsestGrainSeconds = Math.max(coarsestGrainSeconds ?? 0, spans.grainSeconds)
      const { length, seriesAt, from: froms, to: tos, joules: energies, flagBits: bits } = spans
      const grainMs = spans.grainSeconds === undefined ? 0 : spans.grainSeconds * 1000
      for (let row = 0; row < length; row += 1) {
        const group = indexAt(groups, countAt(seriesAt, row))
        if (group < 0) continue
        run.from = numberAt(froms, row)
        run.to = numberAt(tos, row)
        run.joules = numberAt(energies, row)
        run.containers = 1
        run.samples = countAt(spans.samples, row)
        run.flagBits = bitsAt(bits, row)
        run.grainMs = grainMs
        addRun(group, run)
      }
      return true
    },

    addBlock(block, rowGroups) {
      const { at, groups, rowCounts } = rowGroups
      const count = rowCounts.length
      if (!makeRoomFor(highestOf(groups, count) + 1)) return false
      tally = tally !== undefined && tally.room >= count ? tally : createTickTally(count)
      for (let tick = block.first; tick < block.ticks; tick += 1) {
        if (numberAt(block.to, tick) <= first || numberAt(block.from, tick) >= last) continue
        readTick(tally, { block, tick, rowGroups })
        addTick({ from: numberAt(block.from, tick), to: numberAt(block.to, tick) }, tally, rowGroups)
      }
      run.grainMs = 0
      run.containers = 1
      for (const place of block.earlierFrom.keys()) {
        const row = place % block.stride
        const tick = (place - row) / block.stride
        const sample = tick < block.first ? undefined : sampleAt(block, tick, row)
        const index = countAt(at, row)
        if (sample !== undefined && index < count) addRun(indexAt(groups, index), Object.assign(run, sample))
      }
      return true
    },
  }
}

/** Samples of one group, or a sum of them, with one beginning and one end. */
type Run = {
  from: number
  to: number
  joules: number
  /** That were measured all the time. */
  containers: number
  samples: number
  flagBits: number
  /** Of a sum; 0 for samples. */
  grainMs: number
}

/** Of the first so many numbers. */
function highestOf(groups: Int32Array, count: number): number {
  let highest = -1
  for (let index = 0; index < count; index += 1) highest = Math.max(highest, indexAt(groups, index))
  return highest
}

/**
 * Until when at the latest the containers of a row were measured. The time of a sum is laid at the beginning of its grain, and
 * may have been anywhere in it.
 */
function latestOf(from: number, to: number, grainMs: number): number {
  return grainMs === 0 ? to : Math.max(to, (Math.floor(from / grainMs) + 1) * grainMs)
}

/** Cells in which nothing was measured, in one piece of memory: a small question spends more on pieces than on what is in them. */
function emptyCells(cells: number): Omit<AtomEnergy, 'offset'> {
  const buffer = new ArrayBuffer(24 * cells)
  return {
    joules: new Float64Array(buffer, 0, cells),
    measuredMs: new Float64Array(buffer, 8 * cells, cells),
    earliestMs: new Float32Array(buffer, 16 * cells, cells).fill(Infinity),
    latestMs: new Float32Array(buffer, 20 * cells, cells),
  }
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
  const { joules, measuredMs, earliestMs, latestMs } = emptyCells(atoms)
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
