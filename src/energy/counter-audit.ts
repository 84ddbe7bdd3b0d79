import { type Instant, type Interval, instant, type Joules, joules } from '../units.ts'
import { isAmong } from './ascending.ts'
import type { TrailSample } from './counter-trail.ts'
import type { Gap } from './gap.ts'
import { addSample, emptySums, type NodeAudit, type NodeSums, nodeAudit } from './node-audit.ts'
import type { Workload } from './workload.ts'

/** Something in the samples of a container that its counters contradict, and that no recorded gap explains. */
export type AuditFinding = {
  readonly node: string
  readonly containerId: string
  readonly workload: Workload | undefined
  readonly during: Interval
  readonly what: /** The counter advanced by `advance`, and the sample holds another energy. */
    | { readonly kind: 'counter-differs'; readonly advance: Joules; readonly energy: Joules }
    /** Two samples share this time: their energy is counted twice. */
    | { readonly kind: 'overlap' }
    /** No sample covers this time, though there are samples before and after it. */
    | { readonly kind: 'hole' }
}

export type CounterAudit = {
  /**
   * Takes in a sample that one of several stores holds. Of each store, the samples of a container come oldest first;
   * a sample that a store before holds as well counts once: false is returned for it then.
   */
  add(sample: TrailSample, store: number): boolean
  readonly samples: number
  /** When the earliest sample began; undefined without samples. */
  readonly earliest: Instant | undefined
  /** Closes the audit. `gaps` are those that end after `earliest`, of all nodes. */
  close(gaps: readonly Gap[]): ClosedAudit
}

export type ClosedAudit = {
  readonly nodes: readonly NodeAudit[]
  /** At most 10,000 of them, and how many there are. */
  readonly findings: readonly AuditFinding[]
  readonly findingCount: number
}

/** So many things that the counters contradict are looked into; all are counted. */
const mostDoubts = 10_000

/** Samples of one container that follow each other without a hole, as one store holds them. */
type Run = { readonly first: TrailSample; last: TrailSample }

type ContainerTrail = {
  readonly node: string
  readonly containerId: string
  readonly runs: Run[]
  /** By store: the run that is still open, and the ends of all samples, ascending. */
  readonly open: (Run | undefined)[]
  readonly ends: number[][]
  /** Advances of a counter that its samples do not hold: to be explained by gaps. */
  readonly doubts: AuditFinding[]
}

/**
 * Holds the samples of a window against the counters that stand in them: each sample tells where its container's
 * counters stood at its end, so that from one to the next they must have advanced by exactly its energy. Samples that
 * end before the window are only read as the starting points of those that follow.
 */
export function createCounterAudit(window: Interval): CounterAudit {
  const nodes = new Map<string, NodeSums>()
  const trails = new Map<string, ContainerTrail>()
  let count = 0
  let doubts = 0
  let earliest: Instant | undefined

  function sumsOf(node: string): NodeSums {
    const known = nodes.get(node)
    if (known !== undefined) return known
    const created = emptySums()
    nodes.set(node, created)
    return created
  }

  function trailOf(sample: TrailSample): ContainerTrail {
    const key = containerKey(sample)
    const known = trails.get(key)
    if (known !== undefined) return known
    const { node, containerId } = sample
    const created = { node, containerId, runs: [], open: [], ends: [], doubts: [] }
    trails.set(key, created)
    return created
  }

  /** Whether the sample is a starting point alone. */
  const isBefore = ({ during }: TrailSample) => during.to <= window.from

  /** Enters what the counters advanced up to a sample that goes on where `before` ended, if there is one. */
  function check(trail: ContainerTrail, sample: TrailSample, before: TrailSample | undefined): void {
    if (isBefore(sample)) return
    const sums = sumsOf(sample.node)
    const start = startOf(sample, before)
    if (start === undefined) {
      sums.counterAdvance += sample.energy
      sums.unchecked += sample.energy
      return
    }
    const advance = sample.counter - start
    sums.counterAdvance += advance
    if (Math.abs(advance - sample.energy) <= toleranceOf(sample, start)) return
    doubts += 1
    if (doubts > mostDoubts) return
    trail.doubts.push({
      ...identityOf(trail, sample),
      during: sample.during,
      what: { kind: 'counter-differs', advance: joules(advance), energy: sample.energy },
    })
  }

  /** Goes through the runs of a container in order of time: what lies between them, and their first samples. */
  function close(trail: ContainerTrail, findings: AuditFinding[]): readonly AuditFinding[] {
    const ordered = trail.runs.toSorted((a, b) => a.first.during.from - b.first.during.from)
    const holes: AuditFinding[] = []
    let latest: TrailSample | undefined
    for (const { first, last } of ordered) {
      const end = latest?.during.to ?? first.during.from
      const isAdjacent = end === first.during.from
      check(trail, first, isAdjacent ? latest : undefined)
      const about = identityOf(trail, first)
      if (end > first.during.from && !isBefore(first)) {
        const until = Math.min(end, last.during.to)
        findings.push({
          ...about,
          during: { from: first.during.from, to: instant(until) },
          what: { kind: 'overlap' },
        })
      }
      const isHole = end < first.during.from && !first.flags.includes('started')
      if (isHole && !isBefore(first)) {
        holes.push({ ...about, during: { from: end, to: first.during.from }, what: { kind: 'hole' } })
      }
      if (latest === undefined || last.during.to > latest.during.to) latest = last
    }
    return holes
  }

  return {
    get samples() {
      return count
    },
    get earliest() {
      return earliest
    },

    add(sample, store) {
      const trail = trailOf(sample)
      const { during } = sample
      if (trail.ends.some((ends, other) => other !== store && isAmong(ends, during.to))) {
        trail.open[store] = undefined
        return false
      }
      count += 1
      if (!isBefore(sample)) addSample(sumsOf(sample.node), sample)
      if (sample.flags.includes('predecessor')) {
        // Their lengths are assumed, and their counters began again unseen: there is nothing to hold them against.
        check(trail, sample, undefined)
        return true
      }
      trail.ends[store] ??= []
      trail.ends[store].push(during.to)
      if (earliest === undefined || during.from < earliest) earliest = during.from
      const run = trail.open[store]
      if (run !== undefined && during.from === run.last.during.to) {
        check(trail, sample, run.last)
        run.last = sample
        return true
      }
      const begun = { first: sample, last: sample }
      trail.runs.push(begun)
      trail.open[store] = begun
      return true
    },

    close(gaps) {
      const gapsOf = Map.groupBy(gaps, containerKey)
      const findings: AuditFinding[] = []
      for (const trail of trails.values()) {
        const holes = close(trail, findings)
        const own = gapsOf.get(containerKey(trail)) ?? []
        const ofNode = gapsOf.get(containerKey({ node: trail.node, containerId: everyContainer })) ?? []
        for (const hole of holes) {
          if (![...own, ...ofNode].some((gap) => shareTime(gap.during, hole.during))) findings.push(hole)
        }
        for (const doubt of trail.doubts) if (!isExplained(doubt, own)) findings.push(doubt)
      }
      const unlooked = Math.max(0, doubts - mostDoubts)
      return {
        nodes: Array.from(nodes, ([node, sums]) => nodeAudit(node, sums)),
        findings: findings.slice(0, mostDoubts),
        findingCount: findings.length + unlooked,
      }
    },
  }
}

/** Stands for all containers of a node in a gap that several gaps were joined into. */
const everyContainer = '*'

function containerKey({
  node,
  containerId,
}: {
  readonly node: string
  readonly containerId: string
}): string {
  return JSON.stringify([node, containerId])
}

function identityOf({ node, containerId }: ContainerTrail, { workload }: TrailSample) {
  return { node, containerId, workload }
}

/**
 * Where the counters stood when the sample began; undefined where that cannot be told. What a counter had counted when
 * it began again stands in no sample, and the predecessor's counters began again unseen.
 */
function startOf({ flags }: TrailSample, before: TrailSample | undefined): number | undefined {
  if (flags.length > 0) {
    if (flags.includes('predecessor') || flags.includes('reset')) return undefined
    if (flags.includes('started')) return 0
  }
  return before?.counter
}

/** Counters are sums of doubles: their differences are as exact as they are. */
function toleranceOf({ energy, counter }: TrailSample, start: number): number {
  return 1e-9 * Math.abs(energy) + 64 * Number.EPSILON * Math.max(Math.abs(counter), Math.abs(start))
}

/**
 * Whether recorded gaps account for an advance that the samples do not hold: a jump that was refused and turned out to be
 * real becomes a starting point without its energy, and so does a counter that came up among lines that could not be read.
 */
function isExplained({ during, what }: AuditFinding, gaps: readonly Gap[]): boolean {
  if (what.kind !== 'counter-differs') return false
  const excess = what.advance - what.energy
  let claimed = 0
  for (const gap of gaps) {
    if (gap.during.to < during.from || gap.during.to > during.to) continue
    if (gap.cause.kind === 'unread-before' && excess > 0) return true
    if (gap.cause.kind === 'refused') claimed += gap.cause.claimedJoules
  }
  return excess > 0 && excess <= claimed * (1 + 1e-9)
}

function shareTime(a: Interval, b: Interval): boolean {
  return a.from < b.to && b.from < a.to
}
