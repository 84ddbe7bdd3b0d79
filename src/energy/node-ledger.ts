import {
  type Instant,
  type Interval,
  instant,
  type Joules,
  joules,
  secondsBetween,
  type Watts,
} from '../units.ts'
import { Counter, type FirstSight } from './counter.ts'
import { flagBit, flagsOf } from './energy-sample.ts'
import type { Gap, GapCause } from './gap.ts'
import type { LedgerPage, Measurement, PageLink } from './ledger-page.ts'
import { createNodeEnergyCounters } from './node-energy-counters.ts'
import { type ContainerState, type CounterState, markOf, type NodeState } from './node-state.ts'
import type { EnergyCounter, NodeScrape } from './reading.ts'
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
  books(): NodeBooks | undefined
  /** Where all counters stand; undefined before the first scrape. */
  state(): NodeState | undefined
  /** The names of its containers. */
  workloads(): readonly Workload[]
}

type ContainerAccount = {
  readonly containerId: string
  readonly level: 'container' | 'pod'
  workload: Workload | undefined
  /** Its names are its own, not a stand-in. */
  hasOwnName: boolean
  presence: ContainerState['presence']
  lastSeenAt: Instant
  /** Where its next sample begins: the end of the last one, or its baseline. */
  coveredUntil: Instant
  readonly counters: CounterAccount[]
  totalJoules: number
  /** The number of the last scrape that mentioned it. */
  scrape: number
  hasRunning: boolean
}

type CounterAccount = {
  readonly container: ContainerAccount
  readonly component: string
  readonly mode: EnergyCounter['mode']
  readonly counter: Counter
  /** The highest reading of each state in the present scrape; NaN where there is none. */
  running: number
  ended: number
  /** What the exporter said of it last; undefined for one that must be looked up by its names. */
  shownAs: EnergyCounter | undefined
  /** The counter whose reading followed last time: it is likely to follow again. */
  following: CounterAccount | undefined
}

/** Kepler publishes new values every 3 s (legacy) or 5 s, so a short interval may hold the energy of a longer one. */
const publicationSlackSeconds = 10

/** It goes on from `state`, if there is one: the first scrape then covers the time since. */
export function createNodeLedger(node: string, limits: LedgerLimits, state?: NodeState): NodeLedger {
  const containers = new Map<string, ContainerAccount>(
    state?.containers.map((container) => [container.containerId, accountOf(container)]),
  )
  const nodeEnergy = createNodeEnergyCounters(state?.nodeCounters)
  let first: Instant | undefined = state?.at
  let last: Pick<NodeState, 'at' | 'by' | 'basis' | 'unreadLines'> | undefined = state
  const process = limits.by === undefined ? {} : { by: limits.by }
  let scrapes = 0
  /** The counter that was read first in the last scrape. */
  let firstCounter: CounterAccount | undefined
  let containerJoules = 0
  let unnamedJoules = 0
  let containerIdleJoules = 0

  function containerOf({ containerId }: EnergyCounter, scrape: NodeScrape): ContainerAccount {
    const known = containers.get(containerId)
    if (known !== undefined) return known
    const created: ContainerAccount = {
      containerId,
      level: scrape.level,
      workload: undefined,
      hasOwnName: false,
      presence: 'present',
      lastSeenAt: scrape.at,
      coveredUntil: last?.at ?? scrape.at,
      counters: [],
      totalJoules: 0,
      scrape: 0,
      hasRunning: false,
    }
    containers.set(containerId, created)
    return created
  }

  /**
   * Sorts the readings by container; gives the containers that are mentioned, and those whose names changed. A counter
   * that is shown as before, and behind the one that it followed before, is not looked up.
   */
  function gather(scrape: NodeScrape) {
    const mentioned: ContainerAccount[] = []
    const renamed = new Set<ContainerAccount>()
    const { counters, joules } = scrape.readings
    let previous: CounterAccount | undefined
    for (let index = 0; index < counters.length; index += 1) {
      const shown = counters[index]
      if (shown === undefined) continue
      let account: CounterAccount | undefined = previous === undefined ? firstCounter : previous.following
      if (account?.shownAs !== shown) {
        account = lookedUp(shown, { scrape, renamed })
        if (previous === undefined) firstCounter = account
        else previous.following = account
      }
      previous = account
      const { container } = account
      if (container.scrape !== scrapes) {
        container.scrape = scrapes
        container.hasRunning = false
        mentioned.push(container)
      }
      const reading = joules[index] ?? Number.NaN
      if (shown.state === 'running') {
        container.hasRunning = true
        account.running = highest(account.running, reading)
      } else {
        account.ended = highest(account.ended, reading)
      }
    }
    return { mentioned, renamed }
  }

  /** The account of a counter, found by its names. Takes down the names of its container. */
  function lookedUp(
    shown: EnergyCounter,
    { scrape, renamed }: { readonly scrape: NodeScrape; readonly renamed: Set<ContainerAccount> },
  ): CounterAccount {
    const isKnown = containers.has(shown.containerId)
    const container = containerOf(shown, scrape)
    if (isRenamed(container, shown) && isKnown) renamed.add(container)
    const { component, mode } = shown
    let account = container.counters.find((known) => known.component === component && known.mode === mode)
    if (account === undefined) {
      account = counterAccount(container, { component, mode, counter: new Counter() })
      container.counters.push(account)
    }
    account.shownAs = shown
    return account
  }

  function isRenamed(container: ContainerAccount, { naming }: EnergyCounter): boolean {
    if (naming.kind === 'unnamed') return false
    if (naming.kind === 'named') container.hasOwnName = true
    else if (container.hasOwnName) return false
    const before = container.workload
    const after = naming.workload
    if (before !== undefined && isSameWorkload(before, after)) return false
    if (before === undefined) unnamedJoules -= container.totalJoules
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
      dropCounters(container)
      container.coveredUntil = at
    }
    nodeEnergy.clear()
    return gaps
  }

  /** Containers that a complete scrape does not mention any more, though they had not ended. */
  function noteAbsences(at: Instant, isRebased: boolean): readonly Gap[] {
    const gaps: Gap[] = []
    for (const container of containers.values()) {
      if (container.scrape === scrapes || container.presence !== 'present') continue
      container.presence = 'absent'
      const during = { from: container.lastSeenAt, to: at }
      if (!isRebased) gaps.push(gapOf(container, { node, during, cause: { kind: 'vanished' } }))
    }
    return gaps
  }

  function forgetSeenBefore(at: Instant): void {
    for (const [id, container] of containers) {
      if (container.lastSeenAt >= at) continue
      dropCounters(container)
      containers.delete(id)
    }
  }

  return {
    get lastScrapedAt() {
      return last?.at
    },

    record(scrape) {
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
      const { mentioned, renamed } = gather(scrape)
      let covered = during

      for (const container of mentioned) {
        const isNew = container.counters.every(({ counter }) => Number.isNaN(counter.joules))
        // Most containers are covered up to the scrape before: they share one interval.
        if (covered.from !== container.coveredUntil) covered = { from: container.coveredUntil, to: scrape.at }
        const limit = physicalLimit(limits.nodeMaxWatts, covered)
        const settled = settle(container, { first: firstSight, isBaseline, limit })
        const isRepeatedEnd =
          container.presence === 'ended' && !container.hasRunning && settled.energyJoules === 0
        const wasAbsent = container.presence === 'absent'
        container.presence = container.hasRunning ? 'present' : 'ended'
        container.lastSeenAt = scrape.at
        for (const { component, cause } of settled.losses) {
          if (cause.kind === 'reset' && wasAbsent) continue
          gaps.push(gapOf(container, { node, during: covered, component, cause }))
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
        containerJoules += settled.energyJoules
        container.totalJoules += settled.energyJoules
        if (container.workload === undefined) unnamedJoules += settled.energyJoules
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
              (isLate ? flagBit('gap') : 0) |
              (wasAbsent ? flagBit('reappeared') : 0) |
              (settled.refused > 0 ? flagBit('refused') : 0) |
              (container.level === 'pod' ? flagBit('pod-level') : 0),
          ),
        })
        container.coveredUntil = scrape.at
      }
      if (scrape.unreadLines === 0) gaps.push(...noteAbsences(scrape.at, isRebased))
      nodeEnergy.advance(scrape.nodeReadings)

      first ??= scrape.at
      const link = linkAfter(last)
      last = { at: scrape.at, ...process, basis: scrape.basis, unreadLines: scrape.unreadLines }
      forgetSeenBefore(instant(scrape.at - limits.retentionSeconds * 1000))
      const renamings = Array.from(renamed).flatMap(({ containerId, workload }) =>
        workload === undefined ? [] : [{ containerId, workload }],
      )
      const page = { node, at: scrape.at, measurements, renamings, gaps, ...link }
      return { kind: 'recorded', isBaseline, during, ...tally, page }
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

    state() {
      if (last === undefined) return undefined
      const { at, by, basis, unreadLines } = last
      return {
        node,
        at,
        ...(by === undefined ? {} : { by }),
        basis,
        unreadLines,
        containers: Array.from(containers.values(), stateOf),
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

function stateOf(account: ContainerAccount): ContainerState {
  const { containerId, level, workload, hasOwnName, presence, coveredUntil, lastSeenAt } = account
  const counters: CounterState[] = []
  for (const { component, mode, counter } of account.counters) {
    const { position } = counter
    if (position === undefined) continue
    const { believed, suspect, terminated } = position
    counters.push({ component, mode, believed, suspect: suspect ?? null, terminated: terminated ?? null })
  }
  const names = workload ?? null
  return { containerId, level, workload: names, hasOwnName, presence, coveredUntil, lastSeenAt, counters }
}

function accountOf(state: ContainerState): ContainerAccount {
  const { containerId, level, workload, hasOwnName, presence, coveredUntil, lastSeenAt } = state
  const account: ContainerAccount = {
    containerId,
    level,
    workload: workload ?? undefined,
    hasOwnName,
    presence,
    lastSeenAt,
    coveredUntil,
    counters: [],
    totalJoules: 0,
    scrape: 0,
    hasRunning: false,
  }
  for (const { component, mode, believed, suspect, terminated } of state.counters) {
    const counter = new Counter({
      believed,
      suspect: suspect ?? undefined,
      terminated: terminated ?? undefined,
    })
    account.counters.push(counterAccount(account, { component, mode, counter }))
  }
  return account
}

function counterAccount(
  container: ContainerAccount,
  about: Pick<CounterAccount, 'component' | 'mode' | 'counter'>,
): CounterAccount {
  return {
    container,
    ...about,
    running: Number.NaN,
    ended: Number.NaN,
    shownAs: undefined,
    following: undefined,
  }
}

/** What follows is counted anew, even when the exporter shows it as before. */
function dropCounters(container: ContainerAccount): void {
  for (const account of container.counters) {
    account.shownAs = undefined
    account.following = undefined
  }
  container.counters.length = 0
}

function physicalLimit(maxWatts: Watts, during: Interval): Joules {
  return joules(maxWatts * (secondsBetween(during.from, during.to) + publicationSlackSeconds))
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
  container: ContainerAccount,
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
  for (const account of container.counters) {
    const { component, mode, counter, running, ended } = account
    account.running = Number.NaN
    account.ended = Number.NaN
    const goneOn = endedBefore || !Number.isNaN(ended) ? Number.NaN : counter.goOn(running, limit)
    if (!Number.isNaN(goneOn)) {
      if (mode === 'idle') {
        idleJoules += goneOn
        continue
      }
      energyJoules += goneOn
      counterJoules += running
      believed += 1
      continue
    }
    if (Number.isNaN(counter.joules) && first === 'baseline' && !isBaseline) {
      losses.push({ component, cause: { kind: 'unread-before' } })
    }
    const advance = counter.take({ running, ended }, { first, limit, endedBefore })
    if (mode === 'idle') {
      idleJoules += advance.energyJoules
      continue
    }
    energyJoules += advance.energyJoules
    counterJoules += counter.joules
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
