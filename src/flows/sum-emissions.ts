import { atomBounds, grainOf, stepBounds, stepOfAtoms } from '../emissions/atoms.ts'
import {
  type AtomEnergy,
  cellsOf,
  cellsOfAll,
  createEnergyCells,
  type EnergyCells,
} from '../emissions/energy-cells.ts'
import {
  createGroupSums,
  type FoldedAtoms,
  type GroupSums,
  numbersPerGroup,
} from '../emissions/group-sums.ts'
import type { Grouping } from '../emissions/grouping.ts'
import { createProvenanceTally, type Provenance, type ProvenanceTally } from '../emissions/provenance.ts'
import { zoneFactors } from '../emissions/zone-factors.ts'
import type { EnergyFilter, TickBlock } from '../energy/energy-spans.ts'
import type { IntensityFact } from '../intensity/fact.ts'
import type { FactBook } from '../intensity/fact-book.ts'
import type { FactSeries } from '../intensity/preference.ts'
import type { TimelinePiece } from '../intensity/timeline.ts'
import { type Instant, type Interval, instant, joules } from '../units.ts'
import type { EnergyReading } from './read-energy.ts'

export type SumQuestion = {
  /** Half-open; what reaches over an end is cut in proportion to time. */
  readonly during: Interval
  readonly where: EnergyFilter
  readonly grouping: Grouping
  readonly stepSeconds: number | undefined
  readonly zones: readonly string[]
  /** Intensities as they were known then. */
  readonly asOf: Instant
  readonly series: FactSeries
  /** Whether ranges and coverage are wanted for each step. */
  readonly isDetailed: boolean
}

export type ZoneSum = {
  readonly zone: string
  readonly timeline: readonly TimelinePiece[]
  readonly provenance: Provenance
}

export type SummedEmissions = {
  readonly kind: 'summed'
  /** Where steps begin, and the end of the last. */
  readonly steps: Float64Array
  /** By the numbers of the grouping. */
  readonly groups: GroupSums
  /** Of all groups together: its one group is number 0. */
  readonly total: GroupSums
  /** Bits of `sampleFlags` by group. */
  readonly flagBits: Uint8Array
  readonly samples: number
  /** The coarsest sums that were read; undefined where each sample was. */
  readonly resolutionSeconds: number | undefined
  /** In the order of the question's zones. */
  readonly zones: readonly ZoneSum[]
  /** What could not be looked up, each as a sentence. */
  readonly warnings: readonly string[]
}

/** More than is held at once. */
export type Excess =
  | { readonly kind: 'too-many-groups'; readonly most: number }
  /** The groups have more steps and zones than are held at once. */
  | { readonly kind: 'too-many-numbers'; readonly most: number }

export type EmissionsSum = SummedEmissions | Excess

/**
 * Sums what containers used and what it emitted in each zone, in one pass over the energy whatever the number of
 * zones. Throws StoreError when a store is away, TooMuchEnergyError, and the signal's reason when it aborts.
 */
export type EmissionsSummer = (question: SumQuestion, signal: AbortSignal) => Promise<EmissionsSum>

export type SummerPorts = {
  /** Begins the reading of one answer. */
  readonly readEnergy: () => EnergyReading
  readonly intensities: Pick<FactBook, 'timeline'>
  /** Lets others have their turn: called between portions of work that take some milliseconds each. */
  readonly pause: () => Promise<void>
}

/** Twenty-four bytes each: 60 MB. More atoms than have room for all groups are taken in several passes. */
const mostCells = 2_500_000
const mostAtomsPerPass = 1024
const mostGroups = 100_000
/** 80 MB. */
const mostNumbers = 10_000_000
/** So many multiplications take some ten milliseconds. */
const productsPerTurn = 1_000_000

export function createEmissionsSummer({ readEnergy, intensities, pause }: SummerPorts): EmissionsSummer {
  /** What was used within the bounds. */
  async function readCells(pass: Pass, signal: AbortSignal): Promise<EnergyCells | 'no-room' | Excess> {
    const { reading, bounds, question } = pass
    const { where, grouping } = question
    const cells = createEnergyCells({ bounds, mostCells, isLast: pass.isLast })
    const during = { from: instant(bounds[0] ?? Number.NaN), to: instant(bounds.at(-1) ?? Number.NaN) }
    let outcome: EnergyCells | 'no-room' | Excess = cells
    function addIfRoom(add: () => boolean): void {
      if (grouping.groups.length > mostGroups) outcome = { kind: 'too-many-groups', most: mostGroups }
      else if (!add()) outcome = 'no-room'
    }
    function takeBlock(block: TickBlock): boolean {
      if (outcome !== cells) return true
      const groups = grouping.groupsOfRows(block.series)
      addIfRoom(() => cells.addBlock(block, groups))
      return true
    }
    const asked = { during, where, grainSeconds: pass.grainSeconds, takeBlock }
    let portions = 0
    for await (const spans of reading.energyWithin(asked, signal)) {
      if (portions > 0) await pause()
      signal.throwIfAborted()
      if (outcome === cells && spans.length > 0) {
        const places = grouping.groupsOf(spans.series)
        addIfRoom(() => cells.add(spans, places))
      }
      if (outcome !== cells) return outcome
      portions += 1
    }
    return outcome
  }

  async function foldGroups(groups: GroupSums, { cells, atoms }: FoldedCells, signal: AbortSignal) {
    const productsPerGroup = atoms.stepOfAtom.length * (atoms.factors.length + 1)
    let products = 0
    for (let group = 0; group < cells.groups; group += 1) {
      groups.fold(group, cellsOf(cells, group), atoms)
      products += productsPerGroup
      if (products < productsPerTurn) continue
      products = 0
      await pause()
      signal.throwIfAborted()
    }
  }

  return async (question, signal) => {
    const { during, series, asOf } = question
    const reading = readEnergy()
    const zones = question.zones.map((zone) => ({
      zone,
      timeline: intensities.timeline(zone, during, asOf, series),
      tally: createProvenanceTally(),
    }))
    const steps = stepBounds(during, question.stepSeconds)
    const timelines = zones.map(({ timeline }) => timeline)
    const atoms = atomBounds(steps, timelines)
    const stepOfAtom = stepOfAtoms(atoms, steps)
    const grainSeconds = grainOf(atoms)
    const shape = { zones: zones.length, steps: steps.length - 1, isDetailed: question.isDetailed }
    const groups = createGroupSums(shape)
    const isOneGroup = question.grouping.dimensions.length === 0
    const total = isOneGroup ? groups : createGroupSums(shape)
    let flagBits: Uint8Array = new Uint8Array(0)
    let samples = 0
    let resolutionSeconds: number | undefined

    let atomsPerPass = mostAtomsPerPass
    for (let first = 0; first < stepOfAtom.length; ) {
      const end = Math.min(first + atomsPerPass, stepOfAtom.length)
      const isLast = end === stepOfAtom.length
      const bounds = atoms.subarray(first, end + 1)
      const cells = await readCells({ reading, question, bounds, grainSeconds, isLast }, signal)
      if (cells === 'no-room') {
        atomsPerPass = Math.max(1, Math.floor((end - first) / 4))
        continue
      }
      if ('kind' in cells) return cells
      if (cells.groups * numbersPerGroup(shape) > mostNumbers)
        return { kind: 'too-many-numbers', most: mostNumbers }

      const factors = timelines.map((timeline) => zoneFactors(timeline, bounds))
      const folded = { stepOfAtom: stepOfAtom.subarray(first, end), factors }
      await foldGroups(groups, { cells, atoms: folded }, signal)
      const all = isOneGroup ? cellsOf(cells, 0) : cellsOfAll(cells)
      if (!isOneGroup) total.fold(0, all, folded)
      for (const [at, { tally }] of zones.entries())
        tallyAtoms(tally, all, { bounds, facts: factors[at]?.facts ?? [] })
      flagBits = merged(flagBits, cells.flagBits)
      samples += cells.samples
      resolutionSeconds = coarser(resolutionSeconds, cells.coarsestGrainSeconds)
      first = end
    }
    return {
      kind: 'summed',
      steps,
      groups,
      total,
      flagBits,
      samples,
      resolutionSeconds,
      zones: zones.map(({ zone, timeline, tally }) => ({ zone, timeline, provenance: tally.result() })),
      warnings: [...new Set(reading.warnings)],
    }
  }
}

/** The reading of some of the atoms. */
type Pass = {
  readonly reading: EnergyReading
  readonly question: SumQuestion
  readonly bounds: Float64Array
  readonly grainSeconds: number | undefined
  readonly isLast: boolean
}

type FoldedCells = { readonly cells: EnergyCells; readonly atoms: FoldedAtoms }

function tallyAtoms(
  tally: ProvenanceTally,
  all: AtomEnergy,
  {
    bounds,
    facts,
  }: { readonly bounds: Float64Array; readonly facts: readonly (IntensityFact | undefined)[] },
): void {
  for (const [atom, fact] of facts.entries()) {
    const energy = joules(all.joules[atom] ?? 0)
    if (energy !== 0) tally.addEnergy({ energy, until: instant(bounds[atom + 1] ?? Number.NaN), fact })
  }
}

function merged(a: Uint8Array, b: Uint8Array): Uint8Array {
  const longer = new Uint8Array(Math.max(a.length, b.length))
  longer.set(a)
  for (const [group, bits] of b.entries()) longer[group] = (longer[group] ?? 0) | bits
  return longer
}

function coarser(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b)
}
