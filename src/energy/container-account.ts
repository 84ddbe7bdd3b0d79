import { type Instant, type Joules, joules, secondsBetween, type Watts } from '../units.ts'
import type { CounterColumns, FirstSight } from './counter-columns.ts'
import type { GapCause } from './gap.ts'
import type { ContainerState, CounterState } from './node-state.ts'
import type { EnergyCounter } from './reading.ts'
import type { Workload } from './workload.ts'

/** What a node's books know of a container. Its counters stand in the node's columns. */
export type ContainerAccount = {
  readonly containerId: string
  readonly level: ContainerState['level']
  workload: Workload | undefined
  /** Its names are its own, not a stand-in. */
  hasOwnName: boolean
  presence: ContainerState['presence']
  lastSeenAt: Instant
  /** Where its next sample begins: the end of the last one, or its baseline. */
  coveredUntil: Instant
  counters: readonly CounterAccount[]
  /** What it has used while it had no name. */
  unnamedJoules: number
  /** The number of the last scrape that mentioned it. */
  scrape: number
}

type CounterAccount = {
  readonly component: string
  readonly mode: EnergyCounter['mode']
  readonly place: number
}

/** A container that was never seen before; nothing is known of the time before `coveredUntil`. */
export function newAccount(
  { containerId }: EnergyCounter,
  about: Pick<ContainerAccount, 'level' | 'lastSeenAt' | 'coveredUntil'>,
): ContainerAccount {
  // Written out, not spread: only so do numbers that change with every scrape change in place.
  return {
    containerId,
    level: about.level,
    lastSeenAt: about.lastSeenAt,
    coveredUntil: about.coveredUntil,
    workload: undefined,
    hasOwnName: false,
    presence: 'present',
    counters: [],
    unnamedJoules: 0,
    scrape: 0,
  }
}

export function accountOf(state: ContainerState, columns: CounterColumns): ContainerAccount {
  const { containerId, level, workload, hasOwnName, presence, coveredUntil, lastSeenAt } = state
  const counters = state.counters.map(({ component, mode, believed, suspect, terminated }) => ({
    component,
    mode,
    place: columns.add({
      believed,
      suspect: suspect ?? undefined,
      terminated: terminated ?? undefined,
    }),
  }))
  return {
    containerId,
    level,
    lastSeenAt,
    coveredUntil,
    workload: workload ?? undefined,
    hasOwnName,
    presence,
    counters,
    unnamedJoules: 0,
    scrape: 0,
  }
}

export function stateOf(account: ContainerAccount, columns: CounterColumns): ContainerState {
  const { containerId, level, workload, hasOwnName, presence, coveredUntil, lastSeenAt } = account
  const counters: CounterState[] = []
  for (const { component, mode, place } of account.counters) {
    const position = columns.positionAt(place)
    if (position === undefined) continue
    const { believed, suspect, terminated } = position
    counters.push({ component, mode, believed, suspect: suspect ?? null, terminated: terminated ?? null })
  }
  const names = workload ?? null
  return { containerId, level, workload: names, hasOwnName, presence, coveredUntil, lastSeenAt, counters }
}

/** The place of a counter of the container, which is added if it is new. */
export function placeOf(
  { component, mode }: EnergyCounter,
  container: ContainerAccount,
  columns: CounterColumns,
): number {
  for (const known of container.counters) {
    if (known.component === component && known.mode === mode) return known.place
  }
  const place = columns.add()
  container.counters = [...container.counters, { component, mode, place }]
  return place
}

/** What follows is counted anew, whatever the exporter shows. */
export function dropCounters(container: ContainerAccount, columns: CounterColumns): void {
  for (const { place } of container.counters) columns.drop(place)
  container.counters = []
}

/** What a scrape adds to a container. */
export type Settlement = {
  readonly energyJoules: number
  readonly idleJoules: number
  readonly counterJoules: number
  readonly resets: number
  readonly refused: number
  /** At least one dynamic counter was believed; otherwise there is no sample, and the next one covers the time. */
  readonly isBelieved: boolean
  readonly losses: readonly { readonly component: string; readonly cause: GapCause }[]
}

/** Takes all that was read of the container's counters in the present scrape. */
export function settle(
  container: ContainerAccount,
  columns: CounterColumns,
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
  for (const { component, mode, place } of container.counters) {
    if (Number.isNaN(columns.joulesAt(place)) && first === 'baseline' && !isBaseline) {
      losses.push({ component, cause: { kind: 'unread-before' } })
    }
    const advance = columns.take(place, { first, limit, endedBefore })
    if (mode === 'idle') {
      idleJoules += advance.energyJoules
      continue
    }
    energyJoules += advance.energyJoules
    counterJoules += columns.joulesAt(place)
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

/** Kepler publishes new values every 3 s (legacy) or 5 s, so a short interval may hold the energy of a longer one. */
const publicationSlackSeconds = 10

/** The most that a container can have used in the time. */
export function physicalLimit(
  maxWatts: Watts,
  during: { readonly from: Instant; readonly to: Instant },
): Joules {
  return joules(maxWatts * (secondsBetween(during.from, during.to) + publicationSlackSeconds))
}
