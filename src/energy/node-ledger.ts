import {
  type Instant,
  type Interval,
  instant,
  type Joules,
  joules,
  secondsBetween,
  type Watts,
} from '../units.ts'
import { indexAt, numberAt } from './columns.ts'
import {
  accountOf,
  type ContainerAccount,
  dropCounters,
  newAccount,
  physicalLimit,
  placeOf,
  settle,
  stateOf,
} from './container-account.ts'
import { CounterColumns, type FirstSight } from './counter-columns.ts'
import { flagBit, flagsOf } from './energy-sample.ts'
import type { Gap, GapCause } from './gap.ts'
import type { LedgerPage, Measurement, PageLink } from './ledger-page.ts'
import { createNodeEnergyCounters } from './node-energy-counters.ts'
import { markOf, type NodeState } from './node-state.ts'
import type { EnergyCounter, NodeScrape } from './reading.ts'
import { type ReadingRound, roundOf } from './reading-round.ts'
import { containersPerStep, type Steps, withoutPause } from './steps.ts'
import { isSameWorkload, type Workload } from './workload.ts'

export type LedgerLimits = {
  /** The most that one node can draw. A counter that claims more is refused. */
  readonly nodeMaxWatts: Watts
  /** How often a node is normally scraped; an interval over one and a half times that is marked as a gap. */
  readonly scrapeIntervalSeconds: number
  /** How long a container is remembered after it was last seen. */
  readonly retentionSeconds: number
  /** The name of this process, if others may count the same nodes: pages tell then which state they go on from. */
  readonly by?: string
}

/** What one scrape of a node added to its books. */
export type ScrapeEntry =
  | {
      readonly kind: 'recorded'
      /** The node was read for the first time, or in another way than before: no energy was counted. */
      readonly isBaseline: boolean
      readonly during: Interval
      readonly resets: number
      readonly started: number
      readonly reappeared: number
      readonly refused: number
      readonly page: LedgerPage
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

/** The energy books of one node: its counters, and what they add up to. */
export type NodeLedger = {
  readonly lastScrapedAt: Instant | undefined
  record(scrape: NodeScrape): ScrapeEntry
  /** The same, in steps. Until the last one neither the books nor the state tell of it. */
  recording(scrape: NodeScrape): Steps<ScrapeEntry>
  books(): NodeBooks | undefined
  /** Where all counters stand; undefined before the first scrape. */
  state(): NodeState | undefined
  /** The names of its containers. */
  workloads(): readonly Workload[]
}

/** It goes on from `state`, if there is one: the first scrape then covers the time since. */
export function createNodeLedger(node: string, limits: LedgerLimits, state?: NodeState): NodeLedger {
  const counters = new CounterColumns()
  const containers = new Map<string, ContainerAccount>(
    state?.containers.map((container) => [container.containerId, accountOf(container, counters)]),
  )
  const nodeEnergy = createNodeEnergyCounters(state?.nodeCounters)
  let first: Instant | undefined = state?.at
  let last: Pick<NodeState, 'at' | 'by' | 'basis' | 'unreadLines'> | undefined = state
  const process = limits.by === undefined ? {} : { by: limits.by }
  let scrapes = 0
  /** Of the last scrape. */
  let round: ReadingRound | undefined
  let containerJoules = 0
  let unnamedJoules = 0
  let containerIdleJoules = 0

  /** Says whose the scrape's readings are, and which known containers bear other names than before. */
  function assign(scrape: NodeScrape): {
    readonly assigned: ReadingRound
    readonly renamed: ReadonlySet<ContainerAccount>
  } {
    const renamed = new Set<ContainerAccount>()
    if (round?.counters === scrape.readings.counters) return { assigned: round, renamed }
    const assigned = roundOf(scrape.readings.counters, (counter) => {
      const known = containers.get(counter.containerId)
      const container =
        known ??
        newAccount(counter, {
          level: scrape.level,
          lastSeenAt: scrape.at,
          coveredUntil: last?.at ?? scrape.at,
        })
      if (known === undefined) containers.set(counter.containerId, container)
      if (takeNames(container, counter) && known !== undefined) renamed.add(container)
      return { container, place: placeOf(counter, container, counters) }
    })
    round = assigned
    return { assigned, renamed }
  }

  /** Takes the names that a counter tells for its container's. Says whether it bears other names than before. */
  function takeNames(container: ContainerAccount, { naming }: EnergyCounter): boolean {
    if (naming.kind === 'unnamed') return false
    if (naming.kind === 'named') container.hasOwnName = true
    else if (container.hasOwnName) return false
    const before = container.workload
    const after = naming.workload
    if (before !== undefined && isSameWorkload(before, after)) return false
    unnamedJoules -= container.unnamedJoules
    container.unnamedJoules = 0
    container.workload = after
    return true
  }

  function linkAfter(before: typeof last): { readonly link?: PageLink } {
    const { by } = limits
    if (by === undefined) return {}
    return { link: before === undefined ? { by } : { by, after: markOf(before) } }
  }

  /** The counters that follow have no common origin with those before. */
  function rebase(at: Instant): readonly Gap[] {
    const gaps: Gap[] = []
    for (const container of containers.values()) {
      if (container.presence === 'present') {
        const during = { from: container.lastSeenAt, to: at }
        gaps.push(gapOf(container, { node, during, cause: { kind: 'basis-changed' } }))
      }
      dropCounters(container, counters)
      container.coveredUntil = at
    }
    round = undefined
    nodeEnergy.clear()
    return gaps
  }

  /** Containers that a complete scrape does not mention any more, though they had not ended. */
  function noteAbsences(at: Instant, gaps: Gap[]): void {
    for (const container of containers.values()) {
      if (container.scrape === scrapes || container.presence !== 'present') continue
      container.presence = 'absent'
      const during = { from: container.lastSeenAt, to: at }
      gaps.push(gapOf(container, { node, during, cause: { kind: 'vanished' } }))
    }
  }

  function forgetSeenBefore(at: Instant): void {
    for (const container of containers.values()) {
      if (container.lastSeenAt >= at) continue
      dropCounters(container, counters)
      containers.delete(container.containerId)
    }
  }

  /**
   * Goes on with a container that was there in the scrape before and all of whose counters have gone on from there, as
   * nearly all do in nearly every scrape. Returns its measurement; undefined, and nothing is taken, for any other.
   */
  function goOnAsUsual(container: ContainerAccount, turn: Turn): Measurement | undefined {
    const { of, begin, end, values, during } = turn
    if (container.presence !== 'present' || container.coveredUntil !== during.from) return undefined
    // A counter that is not shown any more is no usual thing.
    if (container.counters.length !== end - begin) return undefined
    let energyJoules = 0
    let counterJoules = 0
    let idleJoules = 0
    let dynamicCounters = 0
    for (let index = begin; index < end; index += 1) {
      const reading = indexAt(of.readings, index)
      const running = numberAt(values, reading)
      const step = counters.usualStep(indexAt(of.places, reading), running, turn.limit)
      if (Number.isNaN(step)) return undefined
      if (of.isDynamic[reading] === 1) {
        energyJoules += step
        counterJoules += running
        dynamicCounters += 1
      } else {
        idleJoules += step
      }
    }
    if (dynamicCounters === 0) return undefined
    for (let index = begin; index < end; index += 1) {
      const reading = indexAt(of.readings, index)
      counters.goOnTo(indexAt(of.places, reading), numberAt(values, reading))
    }
    container.lastSeenAt = during.to
    container.coveredUntil = during.to
    turn.idleJoules += idleJoules
    turn.energyJoules += energyJoules
    if (container.workload === undefined) countUnnamed(container, turn, energyJoules)
    return {
      containerId: container.containerId,
      workload: container.workload,
      during,
      energy: joules(energyJoules),
      counter: joules(counterJoules),
      flags: flagsOf(turn.flagBits | levelBits(container)),
    }
  }

  /** Notes what was read of a container. Says whether it is running. */
  function takeDown({ of, begin, end, values }: Turn): boolean {
    let hasRunning = false
    for (let index = begin; index < end; index += 1) {
      const reading = indexAt(of.readings, index)
      const state = of.counters[reading]?.state ?? 'running'
      if (state === 'running') hasRunning = true
      counters.read(indexAt(of.places, reading), state, numberAt(values, reading))
    }
    return hasRunning
  }

  function countUnnamed(container: ContainerAccount, turn: Turn, energyJoules: number): void {
    container.unnamedJoules += energyJoules
    turn.unnamedJoules += energyJoules
  }

  function* recording(scrape: NodeScrape): Steps<ScrapeEntry> {
    if (last !== undefined && scrape.at <= last.at) return { kind: 'stale', at: scrape.at, last: last.at }
    scrapes += 1
    const isRebased = last !== undefined && last.basis !== scrape.basis
    const gaps: Gap[] = isRebased ? [...rebase(scrape.at)] : []
    const isBaseline = last === undefined || isRebased
    const during = { from: last?.at ?? scrape.at, to: scrape.at }
    const isLate = secondsBetween(during.from, during.to) > 1.5 * limits.scrapeIntervalSeconds
    const firstSight: FirstSight = isBaseline || (last?.unreadLines ?? 0) > 0 ? 'baseline' : 'began-inside'
    const tally = { resets: 0, started: 0, reappeared: 0, refused: 0 }
    const measurements: Measurement[] = []
    const { assigned, renamed } = assign(scrape)
    const lateBits = isLate ? flagBit('gap') : 0
    const isUsual = assigned.isPlain && !isBaseline
    const turn: Turn = {
      of: assigned,
      values: scrape.readings.joules,
      during,
      limit: physicalLimit(limits.nodeMaxWatts, during),
      flagBits: lateBits,
      begin: 0,
      end: 0,
      energyJoules: 0,
      unnamedJoules: 0,
      idleJoules: 0,
    }

    for (let index = 0; index < assigned.containers.length; index += 1) {
      const container = assigned.containers[index]
      if (container === undefined) continue
      turn.begin = turn.end
      turn.end = indexAt(assigned.ends, index)
      container.scrape = scrapes
      if (index % containersPerStep === containersPerStep - 1) yield
      const usual = isUsual ? goOnAsUsual(container, turn) : undefined
      if (usual !== undefined) {
        measurements.push(usual)
        continue
      }
      const hasRunning = takeDown(turn)
      const isNew = container.counters.every(({ place }) => Number.isNaN(counters.joulesAt(place)))
      const covered = { from: container.coveredUntil, to: scrape.at }
      const limit = physicalLimit(limits.nodeMaxWatts, covered)
      const settled = settle(container, counters, { first: firstSight, isBaseline, limit })
      const isRepeatedEnd = container.presence === 'ended' && !hasRunning && settled.energyJoules === 0
      const wasAbsent = container.presence === 'absent'
      container.presence = hasRunning ? 'present' : 'ended'
      container.lastSeenAt = scrape.at
      for (const { component, cause } of settled.losses) {
        if (cause.kind === 'reset' && wasAbsent) continue
        gaps.push(gapOf(container, { node, during: covered, component, cause }))
      }
      if (isNew && firstSight === 'baseline') {
        container.coveredUntil = scrape.at
        continue
      }
      turn.idleJoules += settled.idleJoules
      if (isBaseline || isRepeatedEnd) continue
      if (settled.resets > 0) tally.resets += 1
      if (settled.refused > 0) tally.refused += 1
      if (isNew) tally.started += 1
      if (wasAbsent) tally.reappeared += 1
      if (!settled.isBelieved) continue
      turn.energyJoules += settled.energyJoules
      if (container.workload === undefined) countUnnamed(container, turn, settled.energyJoules)
      measurements.push({
        containerId: container.containerId,
        workload: container.workload,
        during: covered,
        energy: joules(settled.energyJoules),
        counter: joules(settled.counterJoules),
        flags: flagsOf(
          (settled.resets > 0 ? flagBit('reset') : 0) |
            (isNew ? flagBit('started') : 0) |
            (container.presence === 'ended' ? flagBit('terminated') : 0) |
            lateBits |
            (wasAbsent ? flagBit('reappeared') : 0) |
            (settled.refused > 0 ? flagBit('refused') : 0) |
            levelBits(container),
        ),
      })
      container.coveredUntil = scrape.at
    }
    const someAreMissing = containers.size > assigned.containers.length
    if (someAreMissing && scrape.unreadLines === 0) noteAbsences(scrape.at, isRebased ? [] : gaps)
    containerJoules += turn.energyJoules
    unnamedJoules += turn.unnamedJoules
    containerIdleJoules += turn.idleJoules
    nodeEnergy.advance(scrape.nodeReadings)

    first ??= scrape.at
    const link = linkAfter(last)
    last = { at: scrape.at, ...process, basis: scrape.basis, unreadLines: scrape.unreadLines }
    if (someAreMissing) forgetSeenBefore(instant(scrape.at - limits.retentionSeconds * 1000))
    const renamings = Array.from(renamed).flatMap(({ containerId, workload }) =>
      workload === undefined ? [] : [{ containerId, workload }],
    )
    const page = { node, at: scrape.at, measurements, renamings, gaps, ...link }
    return { kind: 'recorded', isBaseline, during, ...tally, page }
  }

  return {
    get lastScrapedAt() {
      return last?.at
    },

    record: (scrape) => withoutPause(recording(scrape)),
    recording,

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

    state() {
      if (last === undefined) return undefined
      const { at, by, basis, unreadLines } = last
      return {
        node,
        at,
        ...(by === undefined ? {} : { by }),
        basis,
        unreadLines,
        containers: Array.from(containers.values(), (container) => stateOf(container, counters)),
        nodeCounters: nodeEnergy.readings(),
      }
    },

    workloads() {
      return Array.from(containers.values(), ({ workload }) => workload).filter(
        (workload) => workload !== undefined,
      )
    },
  }
}

/** A pass over the containers of a scrape. One object for all of them, since there may be a hundred thousand. */
type Turn = {
  readonly of: ReadingRound
  /** What each reading of the scrape shows. */
  readonly values: Float64Array
  /** Since the scrape before. */
  readonly during: Interval
  readonly limit: Joules
  readonly flagBits: number
  /** The readings of the present container are `of.readings[begin, end)`. */
  begin: number
  end: number
  /** What all containers so far have added. */
  energyJoules: number
  unnamedJoules: number
  idleJoules: number
}

function levelBits({ level }: ContainerAccount): number {
  return level === 'pod' ? flagBit('pod-level') : 0
}

function gapOf(
  { containerId, workload }: ContainerAccount,
  about: {
    readonly node: string
    readonly during: Interval
    readonly component?: string
    readonly cause: GapCause
  },
): Gap {
  const { node, during, component = '*', cause } = about
  return { node, containerId, component, workload, during, cause }
}
