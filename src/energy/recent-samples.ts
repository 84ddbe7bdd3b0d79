import { type Instant, type Interval, instant } from '../units.ts'
import type { TrailSample } from './counter-trail.ts'
import { matcherOf, restrictsNames, workloadsNamed } from './energy-filter.ts'
import { flagBitsOf } from './energy-sample.ts'
import type { EnergyFilter, EnergyQuestion, EnergySeries, EnergySpans, TickBlock } from './energy-spans.ts'
import type { LedgerPage, Measurement } from './ledger-page.ts'
import type { ContainerSample } from './measurement-store.ts'
import {
  createNodeHistory,
  type HistorySample,
  type NodeHistory,
  type SampleSelection,
} from './node-history.ts'
import { createSpanColumns, type SpanColumns, type SpanRow } from './span-columns.ts'
import { containersPerStep, type Steps, withoutPause } from './steps.ts'
import { whyNamesUnstorable, whyNumbersUnstorable } from './storable.ts'
import { eachSampleOf } from './tick-block.ts'
import { isSameWorkload, type Workload } from './workload.ts'
import { createWorkloadIndex } from './workload-index.ts'

/** The samples of the last while, in memory, found by names. */
export type RecentSamples = {
  /**
   * Takes in a page. Measurements that are there already change nothing. Pages of a node come in order of time; what
   * comes late all the same is kept beside the columns.
   */
  add(page: LedgerPage): AddedPage
  /** The same, in steps; of one node, one page at a time. */
  adding(page: LedgerPage): Steps<AddedPage>
  /** Samples of all containers that bear these names, oldest first. `last` counts distinct interval ends. */
  samplesOf(workload: Workload, selection: SampleSelection): readonly ContainerSample[]
  /** Samples of all containers, in portions, for EnergyReader. Others may add between two portions. */
  energyWithin(question: EnergyQuestion): Generator<EnergySpans>
  /** Samples of all containers that end in `(from, to]`, for TrailReader. Others may add between two portions. */
  trailWithin(during: Interval): Generator<readonly TrailSample[]>
  /**
   * The time for which all energy of a node is here, by node. A node whose last page came long before the newest of all
   * is left out: somebody else may measure it by now.
   */
  heldTimes(): ReadonlyMap<string, Interval>
  /** Workloads that were last measured at `at` or later. */
  workloadsSince(at: Instant): readonly Workload[]
  /** Lets go of nodes whose last page was before `at`. */
  forgetNodesBefore(at: Instant): void
  forgetNode(node: string): void
  /** Bytes in columns, over all nodes. */
  readonly bytes: number
}

export type AddedPage = {
  /** Measurements that were new. */
  readonly added: number
  /** Measurements that no store can hold, and why: the end of the sentence "it …". */
  readonly setAside: readonly { readonly measurement: Measurement; readonly reason: string }[]
}

type SeriesRecord = {
  readonly node: string
  readonly containerId: string
  readonly series: number
  workload: Workload | undefined
  /** The names of its last measurement, which can be held; a renaming is not asked whether its names can. */
  heldNames: Workload | undefined
  lastAt: Instant
  /** Samples that came after later ones of the node, by their end. */
  late: Map<Instant, HistorySample> | undefined
}

/** The series of a block's rows; undefined for one that is forgotten, though the block still has it. */
type RowSeries = readonly (SeriesRecord | undefined)[]

type NodeRecord = {
  readonly history: NodeHistory
  readonly series: Map<string, SeriesRecord>
  /** In the order of the last page, in which they are likely to come again. */
  expected: SeriesRecord[]
  /** Those that have samples which came late. */
  readonly late: Set<SeriesRecord>
  /** By the list of a block's series; begun anew when a container comes, goes, or is named otherwise. Lists go with their blocks. */
  rowSeries: WeakMap<Uint32Array, RowSeries>
  /** The end of the newest column. */
  lastTick: Instant
  firstAt: Instant
  lastAt: Instant
  /** No series was last measured before, and no late sample ends before: until then there is nothing to forget. */
  oldestAt: Instant
}

/** A portion ends with the container that fills it. */
const rowsPerPortion = 32_768
/** So many places of whole blocks are read at a time: some milliseconds, where they must be unpacked. */
const placesPerPortion = 131_072
/** These are objects: fewer make a portion. */
const trailSamplesPerPortion = 4096
/** After so long without a page, a node may be somebody else's. */
const ownedSeconds = 300

export function createRecentSamples(retentionSeconds: number): RecentSamples {
  const nodes = new Map<string, NodeRecord>()
  const index = createWorkloadIndex<SeriesRecord>()
  let lastSeries = 0

  function recordOf(node: string, containerId: string, record: NodeRecord): SeriesRecord {
    const known = record.series.get(containerId)
    if (known !== undefined) return known
    lastSeries += 1
    const created = {
      node,
      containerId,
      series: lastSeries,
      workload: undefined,
      heldNames: undefined,
      lastAt: record.lastAt,
      late: undefined,
    }
    record.series.set(containerId, created)
    record.rowSeries = new WeakMap()
    return created
  }

  function nameAs(node: NodeRecord, record: SeriesRecord, workload: Workload): void {
    const before = record.workload
    if (before !== undefined && isSameWorkload(before, workload)) return
    record.workload = workload
    node.rowSeries = new WeakMap()
    index.rename(record, before)
  }

  function forgetBefore(node: NodeRecord, at: Instant): void {
    node.history.forgetBefore(at)
    if (node.oldestAt >= at) return
    const before = node.series.size
    // What is new from now on is no older than the node's last page, or says so.
    node.oldestAt = node.lastAt
    for (const record of node.series.values()) {
      if (record.late !== undefined) {
        forgetLateBefore(record.late, at)
        for (const end of record.late.keys()) node.oldestAt = earlier(node.oldestAt, end)
      }
      if (record.lastAt >= at) {
        node.oldestAt = earlier(node.oldestAt, record.lastAt)
        continue
      }
      node.series.delete(record.containerId)
      node.late.delete(record)
      index.remove(record)
    }
    if (node.series.size === before) return
    node.rowSeries = new WeakMap()
    node.expected = node.expected.filter(({ containerId }) => node.series.has(containerId))
  }

  function forgetNode(name: string): void {
    for (const record of nodes.get(name)?.series.values() ?? []) index.remove(record)
    nodes.delete(name)
  }

  function* adding(page: LedgerPage): Steps<AddedPage> {
    const node = nodes.get(page.node) ?? createNode()
    nodes.set(page.node, node)
    const setAside: { measurement: Measurement; reason: string }[] = []
    /** How many were taken so far: `node.expected` up to there are those of this page. */
    let came = 0
    let added = 0
    let done = 0
    for (const measurement of inOrderOfTime(page.measurements)) {
      done += 1
      if (done % containersPerStep === 0) yield
      const { containerId, workload, during } = measurement
      const expected = node.expected[came]
      const known = expected?.containerId === containerId ? expected : node.series.get(containerId)
      const hasKnownNames = known !== undefined && (workload === undefined || workload === known.heldNames)
      const reason =
        whyNumbersUnstorable(measurement) ?? (hasKnownNames ? undefined : whyNamesUnstorable(measurement))
      if (reason !== undefined) {
        setAside.push({ measurement, reason })
        continue
      }
      const record = known ?? recordOf(page.node, containerId, node)
      if (record !== expected) node.expected[came] = record
      came += 1
      if (workload !== undefined) {
        record.heldNames = workload
        nameAs(node, record, workload)
      }
      if (during.to > node.lastTick) yield* beginTick(node, during)
      if (addTo(node, record, measurement)) added += 1
      if (during.to > record.lastAt) record.lastAt = during.to
    }
    node.expected.length = came
    for (const { containerId, workload } of page.renamings) {
      const record = node.series.get(containerId)
      if (record !== undefined) nameAs(node, record, workload)
    }
    if (page.at > node.lastAt) node.lastAt = page.at
    if (node.firstAt === noTime) node.firstAt = page.at
    forgetBefore(node, instant(node.lastAt - retentionSeconds * 1000))
    return { added, setAside }
  }

  function* seriesAmongAll(where: EnergyFilter): Generator<SeriesRecord> {
    const isWanted = matcherOf(where)
    for (const { series } of nodes.values()) {
      for (const record of series.values()) if (isWanted(record)) yield record
    }
  }

  function seriesOf(workloads: readonly Workload[], where: EnergyFilter): readonly SeriesRecord[] {
    return workloads.flatMap((workload) => index.bearersOf(workload)).filter(matcherOf(where))
  }

  function rowSeriesOf(node: NodeRecord, numbers: Uint32Array): RowSeries {
    const known = node.rowSeries.get(numbers)
    if (known !== undefined) return known
    const byNumber = new Map(node.series.values().map((record) => [record.series, record]))
    const found = Array.from(numbers, (number) => byNumber.get(number))
    node.rowSeries.set(numbers, found)
    return found
  }

  /** Hands out whole blocks, and as rows what is not taken and what came late. */
  function* blocksWithin(
    { during, where }: EnergyQuestion,
    takeBlock: (block: TickBlock) => boolean,
  ): Generator<EnergySpans> {
    const isWanted = matcherOf(where)
    const columns = createSpanColumns(undefined)
    let places = 0
    for (const [name, node] of nodes) {
      if (!isWanted({ node: name, workload: undefined })) continue
      for (const record of node.late) addLate(columns, { record, named: record }, during)
      for (const { series: numbers, ...ticks } of node.history.blocksWithin(during)) {
        const block = { ...ticks, node: name, series: rowSeriesOf(node, numbers) }
        places += (ticks.ticks - ticks.first) * ticks.rows
        if (!takeBlock(block)) eachSampleOf(block, during, (series, row) => columns.add(series, row))
        if (columns.length < rowsPerPortion && places < placesPerPortion) continue
        places = 0
        yield columns.take()
      }
    }
    if (columns.length > 0) yield columns.take()
  }

  return {
    add: (page) => withoutPause(adding(page)),
    adding,

    samplesOf(workload, selection) {
      const found: ContainerSample[] = []
      const bearers = index.bearersOf(workload)
      for (const { node, containerId, series, late } of bearers) {
        const samples = nodes.get(node)?.history.read(series, selection) ?? []
        for (const { during, energy, counter, flags } of samples)
          found.push({ node, containerId, during, energy, counter, flags })
        for (const sample of late?.values() ?? []) {
          if (isSelected(sample, selection)) found.push({ node, containerId, ...sample })
        }
      }
      const isOrdered = bearers.length === 1 && bearers[0]?.late === undefined
      const ordered = isOrdered ? found : found.sort((a, b) => a.during.to - b.during.to)
      return selection.kind === 'last' ? withLastEnds(ordered, selection.count) : ordered
    },

    *energyWithin(question) {
      const { during, where, takeBlock } = question
      if (during.from >= during.to) return
      if (takeBlock !== undefined && !restrictsNames(where)) {
        yield* blocksWithin(question, takeBlock)
        return
      }
      const workloads = workloadsNamed(where)
      const records = workloads === undefined ? seriesAmongAll(where) : seriesOf(workloads, where)
      // Of few containers a block of one row each is worth its trouble.
      const take = workloads === undefined ? undefined : takeBlock
      const columns = createSpanColumns(undefined)
      for (const record of records) {
        const { node, workload } = record
        const named = { node, workload }
        const alone = [named]
        nodes.get(node)?.history.visitRow(record.series, during, (ticks) => {
          const block = { ...ticks, node, series: alone }
          if (take?.(block) !== true) eachSampleOf(block, during, (series, row) => columns.add(series, row))
        })
        addLate(columns, { record, named }, during)
        if (columns.length >= rowsPerPortion) yield columns.take()
      }
      if (columns.length > 0) yield columns.take()
    },

    *trailWithin({ from, to }) {
      const selection = { kind: 'range', from, to } as const
      let found: TrailSample[] = []
      for (const [node, { history, series }] of nodes) {
        for (const { containerId, workload, series: number, late } of series.values()) {
          const selected = [...(late?.values() ?? [])].filter((sample) => isSelected(sample, selection))
          const samples = [...history.read(number, selection), ...selected]
          if (selected.length > 0) samples.sort((a, b) => a.during.to - b.during.to)
          for (const sample of samples) {
            if (sample.during.to > from) found.push({ node, containerId, workload, ...sample })
          }
          if (found.length < trailSamplesPerPortion) continue
          yield found
          found = []
        }
      }
      if (found.length > 0) yield found
    },

    heldTimes() {
      const newest = Math.max(...Array.from(nodes.values(), ({ lastAt }) => lastAt))
      const held = new Map<string, Interval>()
      for (const [name, { firstAt, lastAt }] of nodes) {
        if (lastAt < newest - ownedSeconds * 1000) continue
        const from = instant(Math.max(firstAt, lastAt - retentionSeconds * 1000))
        held.set(name, { from, to: lastAt })
      }
      return held
    },

    workloadsSince(at) {
      return index
        .workloads()
        .filter((workload) => index.bearersOf(workload).some(({ lastAt }) => lastAt >= at))
    },

    forgetNodesBefore(at) {
      for (const [name, node] of nodes) if (node.lastAt < at) forgetNode(name)
    },

    forgetNode,

    get bytes() {
      let bytes = 0
      for (const { history } of nodes.values()) bytes += history.bytes
      return bytes
    },
  }
}

function createNode(): NodeRecord {
  return {
    history: createNodeHistory(),
    series: new Map(),
    expected: [],
    late: new Set(),
    rowSeries: new WeakMap(),
    lastTick: noTime,
    firstAt: noTime,
    lastAt: noTime,
    oldestAt: noTime,
  }
}

const noTime = instant(Number.NEGATIVE_INFINITY)

function inOrderOfTime(measurements: readonly Measurement[]): readonly Measurement[] {
  const isOrdered = measurements.every(({ during }, at) => {
    const before = measurements[at - 1]
    return before === undefined || before.during.to <= during.to
  })
  return isOrdered ? measurements : measurements.toSorted((a, b) => a.during.to - b.during.to)
}

function* beginTick(node: NodeRecord, { from, to }: Interval): Steps<void> {
  yield* node.history.beginningTick({ from: Number.isFinite(node.lastTick) ? node.lastTick : from, to })
  node.lastTick = to
}

/** Whether the sample was new. */
function addTo(node: NodeRecord, record: SeriesRecord, measurement: Measurement): boolean {
  const { during, energy, counter, flags } = measurement
  if (during.to === node.lastTick) return node.history.put(record.series, measurement)
  const isThere =
    record.late?.has(during.to) === true ||
    node.history.read(record.series, { kind: 'range', from: during.to, to: during.to }).length > 0
  if (isThere) return false
  node.oldestAt = earlier(node.oldestAt, during.to)
  record.late ??= new Map()
  node.late.add(record)
  record.late.set(during.to, { during, energy, counter, flags })
  return true
}

function addLate(
  columns: SpanColumns,
  { record, named }: { readonly record: SeriesRecord; readonly named: EnergySeries },
  { from, to }: Interval,
): void {
  for (const sample of record.late?.values() ?? []) {
    if (sample.during.from < to && sample.during.to > from) columns.add(named, rowOf(sample))
  }
}

function rowOf({ during, energy, flags }: HistorySample): SpanRow {
  return { ...during, joules: energy, samples: 1, flagBits: flagBitsOf(flags) }
}

function earlier(a: Instant, b: Instant): Instant {
  return a < b ? a : b
}

function forgetLateBefore(late: Map<Instant, HistorySample>, at: Instant): void {
  for (const end of late.keys()) if (end < at) late.delete(end)
}

function isSelected({ during }: HistorySample, selection: SampleSelection): boolean {
  return selection.kind === 'last' || (selection.from <= during.to && during.to <= selection.to)
}

/** The samples, oldest first, that have one of the last `count` distinct interval ends. */
export function withLastEnds<S extends { readonly during: { readonly to: Instant } }>(
  samples: readonly S[],
  count: number,
): readonly S[] {
  let ends = 0
  for (let at = samples.length - 1; at >= 0; at -= 1) {
    if (samples[at]?.during.to === samples[at + 1]?.during.to) continue
    ends += 1
    if (ends > count) return samples.slice(at + 1)
  }
  return samples
}
