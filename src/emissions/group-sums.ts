import { bitsAt, countAt, numberAt } from '../energy/columns.ts'
import {
  emissionsOf,
  type GramsCO2e,
  gramsCO2e,
  gramsPerKilowattHour,
  type Joules,
  joules,
} from '../units.ts'
import { type AtomEnergy, coveredMs } from './energy-cells.ts'
import type { ZoneFactors } from './zone-factors.ts'

export type FoldedAtoms = {
  /** The step that each atom lies in. */
  readonly stepOfAtom: Uint32Array
  /** One for each zone. */
  readonly factors: readonly ZoneFactors[]
}

/** What a group used or emitted. Without a step, in the whole range. */
export type GroupStep = { readonly group: number; readonly step?: number }
export type ZoneStep = GroupStep & { readonly zone: number }

/** What groups used and emitted in each step, in columns. */
export type GroupSums = {
  readonly groups: number
  /** Multiplies a group's energy by the zones' factors and adds it to the sums. */
  fold(group: number, energy: AtomEnergy, atoms: FoldedAtoms): void
  energy(of: GroupStep): Joules
  /**
   * The time in which at least one container of the group was measured, as `coveredMs` says of each atom. As `lowGrams`, known of steps where sums are detailed.
   */
  measuredMs(of: GroupStep): number
  /** Undefined where there is energy, and for none of it an intensity is known. */
  grams(of: ZoneStep): GramsCO2e | undefined
  /** Between which grams nine of ten true values lie. Throws RangeError for a step where sums are not detailed. */
  lowGrams(of: ZoneStep): GramsCO2e | undefined
  highGrams(of: ZoneStep): GramsCO2e | undefined
  /** Energy for whose time no intensity is known. */
  energyWithoutIntensity(of: ZoneStep): Joules
}

export type SumsShape = {
  readonly zones: number
  readonly steps: number
  /** Whether measured time, ranges, and energy without an intensity are told for each step, and not for the whole range alone. */
  readonly isDetailed: boolean
}

/** How many numbers a group takes up. */
export function numbersPerGroup({ zones, steps, isDetailed }: SumsShape): number {
  const detailedSteps = isDetailed ? steps : 1
  return steps + detailedSteps + zones * (steps + 3 * detailedSteps)
}

const knownBit = 1
const unknownBit = 2

export function createGroupSums({ zones, steps, isDetailed }: SumsShape): GroupSums {
  const detailedSteps = isDetailed ? steps : 1
  const energies = createColumn(steps)
  const measured = createColumn(detailedSteps)
  const grams = createColumn(zones * steps)
  const low = createColumn(zones * detailedSteps)
  const high = createColumn(zones * detailedSteps)
  const unknownJoules = createColumn(zones * detailedSteps)
  const knowledge = createBitColumn(zones * steps)
  const columns = [energies, measured, grams, low, high, unknownJoules, knowledge]
  let groups = 0

  const rowOf = ({ group, zone }: ZoneStep) => group * zones + zone

  /** Of a row that holds a number for each of `width` steps: one of them, or their sum. A group that nothing was folded into has none. */
  function read(column: Column, row: number, { width, step }: { width: number; step: number | undefined }) {
    if (step !== undefined) return column.values[row * width + step] ?? 0
    let sum = 0
    for (let index = row * width; index < (row + 1) * width; index += 1) sum += column.values[index] ?? 0
    return sum
  }

  function readDetail(column: Column, row: number, step: number | undefined): number {
    if (step !== undefined && !isDetailed) throw new RangeError('these sums do not tell steps apart')
    return read(column, row, { width: detailedSteps, step })
  }

  function isKnown(of: ZoneStep): boolean {
    const row = rowOf(of) * steps
    if (of.step !== undefined) return knowledge.at(row + of.step) !== unknownBit
    let bits = 0
    for (let step = 0; step < steps; step += 1) bits |= knowledge.at(row + step)
    return bits !== unknownBit
  }

  const ifKnown = (of: ZoneStep, read: () => number) => (isKnown(of) ? gramsCO2e(read()) : undefined)

  return {
    get groups() {
      return groups
    },

    fold(group, from, { stepOfAtom, factors }) {
      groups = Math.max(groups, group + 1)
      for (const column of columns) column.makeRoomFor(groups)
      for (let begin = 0; begin < stepOfAtom.length; ) {
        const step = countAt(stepOfAtom, begin)
        let end = begin
        let used = 0
        let covered = 0
        for (; end < stepOfAtom.length && countAt(stepOfAtom, end) === step; end += 1) {
          used += usedIn(from, end)
          covered += coveredMs(from, end)
        }
        const detailedStep = isDetailed ? step : 0
        energies.add(group * steps + step, used)
        measured.add(group * detailedSteps + detailedStep, covered)
        for (const [zone, factor] of factors.entries()) {
          const row = group * zones + zone
          const sums = zoneSums(from, { begin, end, factor })
          const detail = row * detailedSteps + detailedStep
          knowledge.set(row * steps + step, sums.knowledge)
          grams.add(row * steps + step, sums.grams)
          low.add(detail, sums.low)
          high.add(detail, sums.high)
          unknownJoules.add(detail, sums.unknownJoules)
        }
        begin = end
      }
    },

    energy: ({ group, step }) => joules(read(energies, group, { width: steps, step })),
    measuredMs: ({ group, step }) => readDetail(measured, group, step),
    grams: (of) => ifKnown(of, () => read(grams, rowOf(of), { width: steps, step: of.step })),
    lowGrams: (of) => ifKnown(of, () => readDetail(low, rowOf(of), of.step)),
    highGrams: (of) => ifKnown(of, () => readDetail(high, rowOf(of), of.step)),
    energyWithoutIntensity: (of) => joules(readDetail(unknownJoules, rowOf(of), of.step)),
  }
}

/** None where nothing was measured. */
function usedIn({ joules: column, measuredMs, offset }: AtomEnergy, atom: number): number {
  return numberAt(measuredMs, offset + atom) === 0 ? 0 : numberAt(column, offset + atom)
}

/** What the energy of the atoms from `begin` to before `end` emitted in one zone. */
function zoneSums(
  from: AtomEnergy,
  { begin, end, factor }: { readonly begin: number; readonly end: number; readonly factor: ZoneFactors },
) {
  const sums = { grams: 0, low: 0, high: 0, unknownJoules: 0, knowledge: 0 }
  for (let atom = begin; atom < end; atom += 1) {
    const used = usedIn(from, atom)
    if (used === 0) continue
    if (bitsAt(factor.isUnknown, atom) === 1) {
      sums.knowledge |= unknownBit
      sums.unknownJoules += used
      continue
    }
    sums.knowledge |= knownBit
    const emitted = emissionsOf(joules(used), gramsPerKilowattHour(numberAt(factor.gramsPerKwh, atom)))
    sums.grams += emitted
    sums.low += emitted * numberAt(factor.low, atom)
    sums.high += emitted * numberAt(factor.high, atom)
  }
  return sums
}

type Column = {
  readonly values: Float64Array
  add(index: number, value: number): void
  makeRoomFor(groups: number): void
}

/** So many numbers for each group; the room doubles as groups appear. */
function createColumn(perGroup: number): Column {
  let values = new Float64Array(perGroup)
  return {
    get values() {
      return values
    },
    add(index, value) {
      values[index] = numberAt(values, index) + value
    },
    makeRoomFor(groups) {
      if (groups * perGroup <= values.length) return
      const larger = new Float64Array(Math.max(groups * perGroup, 2 * values.length))
      larger.set(values)
      values = larger
    },
  }
}

/** So many places for bits for each group. A place that was never set has none. */
function createBitColumn(perGroup: number) {
  let values = new Uint8Array(perGroup)
  return {
    at: (index: number) => values[index] ?? 0,
    set(index: number, bits: number) {
      values[index] = bitsAt(values, index) | bits
    },
    makeRoomFor(groups: number) {
      if (groups * perGroup <= values.length) return
      const larger = new Uint8Array(Math.max(groups * perGroup, 2 * values.length))
      larger.set(values)
      values = larger
    },
  }
}
