import {
  type Instant,
  type Interval,
  instant,
  type Joules,
  joules,
  secondsBetween,
  type Watts,
} from '../units.ts'
import type { ContainerRecord } from './container-record.ts'
import { type Advance, type Counter, createCounter, type FirstSight, type Incoming } from './counter.ts'
import { flagBit } from './energy-sample.ts'
import type { Gap, GapCause } from './gap.ts'
import { createNodeEnergyCounters } from './node-energy-counters.ts'
import { createNodeHistory, type NodeHistory } from './node-history.ts'
import type { EnergyReading, NodeScrape } from './reading.ts'
import { type Workload, workloadKey } from './workload.ts'
import type { WorkloadIndex } from './workload-index.ts'

export type LedgerLimits = {
  /** The most that one node can draw. A counter that claims more is refused. */
  readonly nodeMaxWatts: Watts
  /** How often a node is normally scraped; an interval over one and a half times that is marked as a gap. */
  readonly scrapeIntervalSeconds: number
  /** How long samples are kept, and how long a container is remembered after it was last seen. */
  readonly retentionSeconds: number
}

/** What one scrape of a node added to its books. */
export type ScrapeEntry =
  | {
      readonly kind: 'recorded'
      /** The node was read for the first time, or in another way than before: no energy was counted. */
      readonly isBaseline: boolean
      readonly during: Interval
      readonly samples: number
      readonly resets: number
      readonly started: number
      readonly reappeared: number
      readonly refused: number
      readonly gaps: readonly Gap[]
    }
  /** Not later than the scrape before: nothing was learnt, and the next one covers the whole time. */
  | { readonly kind: 'stale'; readonly at: Instant; readonly last: Instant }

/** What a node's counters add up to since it was first read. */
export type NodeBooks = {
  readonly node: string
  readonly during: Interval
  /** What is counted, for example `current/container/dram+package`. */
  readonly basis: string
  /** Dynamic energy of all containers, or of all pods where the exporter counts pods only. */
  readonly containerJoules: number
  /** The part of `containerJoules` that belongs to containers whose names are not known. */
  readonly unnamedJoules: number
  /** Idle energy that the exporter itself shares out to containers (legacy only). */
  readonly containerIdleJoules: number
  readonly nodeActiveJoules: number
  readonly nodeIdleJoules: number
}

/** The energy books of one node: its counters, its recent samples, and what they add up to. */
export type NodeLedger = {
  readonly history: NodeHistory
  readonly lastScrapedAt: Instant | undefined
  record(scrape: NodeScrape): ScrapeEntry
  books(): NodeBooks | undefined
  /** Lets go of all its containers. */
  close(): void
}

type ContainerState = {
  readonly record: ContainerRecord & { workload: Workload | undefined; lastSeenAt: Instant }
  presence: 'present' | 'absent' | 'ended'
  /** Where its next sample begins: the end of the last one, or its baseline. */
  coveredUntil: Instant
  readonly counters: Map<string, CounterState>
  totalJoules: number
  /** The number of the last scrape that mentioned it. */
  scrape: number
  hasRunning: boolean
  /** Its names are its own, not a stand-in. */
  hasOwnName: boolean
}

type CounterState = {
  readonly component: string
  readonly mode: EnergyReading['mode']
  readonly counter: Counter
  readonly incoming: Incoming
}

/** Kepler publishes new values every 3 s (legacy) or 5 s, so a short interval may hold the energy of a longer one. */
const publicationSlackSeconds = 10

export function createNodeLedger(
  node: string,
  limits: LedgerLimits,
  { index, nextSeries }: { readonly index: WorkloadIndex; readonly nextSeries: () => number },
): NodeLedger {
  const history = createNodeHistory(node)
  const containers = new Map<string, ContainerState>()
  const nodeEnergy = createNodeEnergyCounters()
  let first: Instant | undefined
  let last: { readonly at: Instant; readonly basis: string; readonly unreadLines: number } | undefined
  let scrapes = 0
  let containerJoules = 0
  let unnamedJoules = 0
  let containerIdleJoules = 0

  function containerOf(reading: EnergyReading, scrape: NodeScrape): ContainerState {
    const known = containers.get(reading.containerId)
    if (known !== undefined) return known
    const created: ContainerState = {
      record: {
        node,
        containerId: reading.containerId,
        series: nextSeries(),
        level: scrape.level,
        workload: undefined,
        lastSeenAt: scrape.at,
      },
      presence: 'present',
      coveredUntil: last?.at ?? scrape.at,
      counters: new Map(),
      totalJoules: 0,
      scrape: 0,
      hasRunning: false,
      hasOwnName: false,
    }
    containers.set(reading.containerId, created)
    return created
  }

  function gather(scrape: NodeScrape): Set<ContainerState> {
    const mentioned = new Set<ContainerState>()
    for (const reading of scrape.readings) {
      const container = containerOf(reading, scrape)
      if (container.scrape !== scrapes) {
        container.scrape = scrapes
        container.hasRunning = false
        mentioned.add(container)
      }
      if (reading.state === 'running') container.hasRunning = true
      takeReading(container, reading)
      nameAs(container, reading)
    }
    return mentioned
  }

  function nameAs(container: ContainerState, reading: EnergyReading): void {
    if (reading.naming.kind === 'unnamed') return
    if (reading.naming.kind === 'named') container.hasOwnName = true
    else if (container.hasOwnName) return
    const before = container.record.workload
    const after = reading.naming.workload
    if (before !== undefined && workloadKey(before) === workloadKey(after)) return
    if (before === undefined) unnamedJoules -= container.totalJoules
    container.record.workload = after
    index.rename(container.record, before)
  }

  function forget(before: Instant): void {
    history.forgetBefore(before)
    for (const [id, container] of containers) {
      if (container.record.lastSeenAt >= before) continue
      containers.delete(id)
      index.remove(container.record)
    }
  }

  function rebase(scrape: NodeScrape, gaps: Gap[]): void {
    for (const container of containers.values()) {
      if (container.presence === 'present') {
        const during = { from: container.record.lastSeenAt, to: scrape.at }
        gaps.push(gapOf(container, during, { cause: { kind: 'basis-changed' } }))
      }
      container.counters.clear()
      container.coveredUntil = scrape.at
    }
    nodeEnergy.clear()
  }

  return {
    history,

    get lastScrapedAt() {
      return last?.at
    },

    record(scrape) {
      if (last !== undefined && scrape.at <= last.at) return { kind: 'stale', at: scrape.at, last: last.at }
      scrapes += 1
      const gaps: Gap[] = []
      const basisChanged = last !== undefined && last.basis !== scrape.basis
      if (basisChanged) rebase(scrape, gaps)
      const isBaseline = last === undefined || basisChanged
      const during = { from: last?.at ?? scrape.at, to: scrape.at }
      const seconds = secondsBetween(during.from, during.to)
      const tally = { samples: 0, resets: 0, started: 0, reappeared: 0, refused: 0 }
      const firstSight: FirstSight = isBaseline || (last?.unreadLines ?? 0) > 0 ? 'baseline' : 'began-inside'
      const isLate = seconds > 1.5 * limits.scrapeIntervalSeconds

      const mentioned = gather(scrape)
      if (!isBaseline) history.beginTick(during)
      for (const container of mentioned) {
        const isNew = container.counters.values().every(({ counter }) => counter.joules === undefined)
        const covered = { from: container.coveredUntil, to: scrape.at }
        const limit = physicalLimit(limits.nodeMaxWatts, covered)
        const settled = settle(container, { first: firstSight, isBaseline, limit })
        const isRepeatedEnd =
          container.presence === 'ended' && !container.hasRunning && settled.energyJoules === 0
        const wasAbsent = container.presence === 'absent'
        container.presence = container.hasRunning ? 'present' : 'ended'
        container.record.lastSeenAt = scrape.at
        for (const { component, cause } of settled.losses) {
          if (cause.kind !== 'reset' || !wasAbsent) gaps.push(gapOf(container, covered, { component, cause }))
        }
        if (isNew && firstSight === 'baseline') {
          container.coveredUntil = scrape.at
          continue
        }
        containerIdleJoules += settled.idleJoules
        if (isBaseline || isRepeatedEnd) continue
        if (settled.resets > 0) tally.resets += 1
        if (settled.refused > 0) tally.refused += 1
        if (isNew) tally.started += 1
        if (wasAbsent) tally.reappeared += 1
        if (!settled.isBelieved) continue
        tally.samples += 1
        containerJoules += settled.energyJoules
        container.totalJoules += settled.energyJoules
        if (container.record.workload === undefined) unnamedJoules += settled.energyJoules
        history.put(container.record.series, {
          from: container.coveredUntil,
          energyJoules: settled.energyJoules,
          counterJoules: settled.counterJoules,
          flagBits:
            (settled.resets > 0 ? resetBit : 0) |
            (isNew ? startedBit : 0) |
            (container.presence === 'ended' ? terminatedBit : 0) |
            (isLate ? gapBit : 0) |
            (wasAbsent ? reappearedBit : 0) |
            (settled.refused > 0 ? refusedBit : 0) |
            (container.record.level === 'pod' ? podLevelBit : 0),
        })
        container.coveredUntil = scrape.at
      }
      if (scrape.unreadLines === 0) {
        for (const container of containers.values()) {
          if (container.scrape === scrapes || container.presence !== 'present') continue
          container.presence = 'absent'
          const unseen = { from: container.record.lastSeenAt, to: scrape.at }
          if (!basisChanged) gaps.push(gapOf(container, unseen, { cause: { kind: 'vanished' } }))
        }
      }
      const ofNode = nodeEnergy.advance(scrape.nodeReadings)
      if (!isBaseline) history.setNodeEnergy(ofNode)

      first ??= scrape.at
      last = { at: scrape.at, basis: scrape.basis, unreadLines: scrape.unreadLines }
      forget(instant(scrape.at - limits.retentionSeconds * 1000))
      return { kind: 'recorded', isBaseline, during, ...tally, gaps }
    },

    books() {
      if (first === undefined || last === undefined) return undefined
      return {
        node,
        during: { from: first, to: last.at },
        basis: last.basis,
        containerJoules,
        unnamedJoules,
        containerIdleJoules,
        nodeActiveJoules: nodeEnergy.totalActiveJoules,
        nodeIdleJoules: nodeEnergy.totalIdleJoules,
      }
    },

    close() {
      for (const container of containers.values()) index.remove(container.record)
      containers.clear()
    },
  }
}

const resetBit = flagBit('reset')
const startedBit = flagBit('started')
const terminatedBit = flagBit('terminated')
const gapBit = flagBit('gap')
const reappearedBit = flagBit('reappeared')
const refusedBit = flagBit('refused')
const podLevelBit = flagBit('pod-level')

function physicalLimit(maxWatts: Watts, during: Interval): Joules {
  return joules(maxWatts * (secondsBetween(during.from, during.to) + publicationSlackSeconds))
}

function takeReading(container: ContainerState, reading: EnergyReading): void {
  const key = `${reading.mode} ${reading.component}`
  let state = container.counters.get(key)
  if (state === undefined) {
    state = {
      component: reading.component,
      mode: reading.mode,
      counter: createCounter(),
      incoming: { running: Number.NaN, ended: Number.NaN },
    }
    container.counters.set(key, state)
  }
  const { incoming } = state
  if (reading.state === 'running') incoming.running = highest(incoming.running, reading.joules)
  else incoming.ended = highest(incoming.ended, reading.joules)
}

/** A series that is written twice counts once, with its highest value. */
function highest(earlier: number, value: number): number {
  return Number.isNaN(earlier) || value > earlier ? value : earlier
}

type Settlement = {
  readonly energyJoules: number
  readonly idleJoules: number
  readonly counterJoules: number
  readonly resets: number
  readonly refused: number
  /** At least one dynamic counter was believed; otherwise there is no sample, and the next one covers the time. */
  readonly isBelieved: boolean
  readonly losses: readonly { readonly component: string; readonly cause: GapCause }[]
}

function settle(
  container: ContainerState,
  {
    first,
    isBaseline,
    limit,
  }: { readonly first: FirstSight; readonly isBaseline: boolean; readonly limit: Joules },
): Settlement {
  const losses: { component: string; cause: GapCause }[] = []
  let energyJoules = 0
  let idleJoules = 0
  let counterJoules = 0
  let resets = 0
  let refused = 0
  let believed = 0
  const endedBefore = container.presence === 'ended'
  for (const { component, mode, counter, incoming } of container.counters.values()) {
    if (counter.joules === undefined && first === 'baseline' && !isBaseline) {
      losses.push({ component, cause: { kind: 'unread-before' } })
    }
    const advance: Advance = counter.take(incoming, { first, limit, endedBefore })
    incoming.running = Number.NaN
    incoming.ended = Number.NaN
    if (mode === 'idle') {
      idleJoules += advance.energyJoules
      continue
    }
    energyJoules += advance.energyJoules
    counterJoules += counter.joules ?? 0
    if (advance.reset) resets += 1
    if (advance.lost) losses.push({ component, cause: { kind: 'reset' } })
    if (advance.refusedJoules === 0 || advance.energyJoules > 0) believed += 1
    if (advance.refusedJoules > 0) {
      refused += 1
      losses.push({ component, cause: { kind: 'refused', claimedJoules: advance.refusedJoules } })
    }
  }
  return { energyJoules, idleJoules, counterJoules, resets, refused, isBelieved: believed > 0, losses }
}

function gapOf(
  container: ContainerState,
  during: Interval,
  { component = '*', cause }: { readonly component?: string; readonly cause: GapCause },
): Gap {
  const { node, containerId, workload } = container.record
  return { node, containerId, component, workload, during, cause }
}
