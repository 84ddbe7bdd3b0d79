import { coverageOf } from '../emissions/coverage.ts'
import type { BooksAdvance, BooksHistory } from '../energy/books-history.ts'
import { type ClosedAudit, createCounterAudit } from '../energy/counter-audit.ts'
import type { TrailReader } from '../energy/counter-trail.ts'
import type { Gap } from '../energy/gap.ts'
import type { MeasurementStore } from '../energy/measurement-store.ts'
import type { NodeAudit } from '../energy/node-audit.ts'
import { type Instant, type Interval, instant, type Joules, joules } from '../units.ts'
import { type MayBeAway, warningWithout } from './store-away.ts'

/** The books of one node over a window: what its samples hold, its counters say, and what is missing. */
export type AuditedNode = NodeAudit & {
  /** The share of the window that its samples cover. */
  readonly coverage: number
  /** What the ledger of this process counted in the window, as far back as it remembers; undefined for other nodes. */
  readonly booked: BooksAdvance | undefined
  readonly gaps: ReadonlyMap<Gap['cause']['kind'], number>
  readonly refused: { readonly readings: number; readonly claimed: Joules }
}

/** The ledger counted another energy in this time than the samples hold. */
export type LedgerFinding = {
  readonly node: string
  readonly during: Interval
  readonly booked: Joules
  readonly sampled: Joules
}

export type AuditedEnergy = {
  readonly kind: 'audited'
  /** Ascending by name. */
  readonly nodes: readonly AuditedNode[]
  /** Those that end in the window, oldest first, each once. */
  readonly gaps: readonly Gap[]
  readonly findings: ClosedAudit['findings']
  readonly findingCount: number
  readonly ledgerFindings: readonly LedgerFinding[]
  /** Stores that did not answer though they may know more, each as a sentence. */
  readonly warnings: readonly string[]
}

export type EnergyAudit =
  | AuditedEnergy
  | { readonly kind: 'too-much'; readonly what: 'samples' | 'gaps'; readonly most: number }

/**
 * Holds what was measured in a window against the counters, the gaps and the ledger. Throws StoreError when a store is
 * away, and the signal's reason when it aborts.
 */
export type EnergyAuditor = (window: Interval, signal: AbortSignal) => Promise<EnergyAudit>

export type AuditedStore = TrailReader & Pick<MeasurementStore, 'gapsWithin'> & MayBeAway

/** An hour of some 14,000 containers; a few seconds of work, and 8 bytes for each. */
const mostSamples = 5_000_000
const mostGaps = 100_000

export function createEnergyAuditor({
  stores,
  booksHistory,
  lookBackSeconds,
  bounds = { mostSamples, mostGaps },
}: {
  /** They may hold the same samples. */
  readonly stores: readonly AuditedStore[]
  readonly booksHistory: Pick<BooksHistory, 'advance' | 'nodes'>
  /** How long before the window the samples are looked for from which those of the window go on. */
  readonly lookBackSeconds: number
  readonly bounds?: { readonly mostSamples: number; readonly mostGaps: number }
}): EnergyAuditor {
  return async (window, signal) => {
    const warnings: string[] = []
    const tolerant = (store: AuditedStore, read: () => Promise<void>) => reading(store, warnings, read)
    // Taken first: what is recorded while the samples are read lies behind it.
    const booked = new Map(booksHistory.nodes().map((node) => [node, booksHistory.advance(node, window)]))

    const audit = createCounterAudit(window)
    const sampled = new Map<string, number>()
    const readFrom = instant(window.from - lookBackSeconds * 1000)
    for (const [index, store] of stores.entries()) {
      await tolerant(store, async () => {
        for await (const portion of store.trailWithin({ from: readFrom, to: window.to }, signal)) {
          for (const sample of portion) {
            if (!audit.add(sample, index)) continue
            const booking = booked.get(sample.node)
            if (booking !== undefined && isWithin(sample.during.to, booking.during))
              sampled.set(sample.node, (sampled.get(sample.node) ?? 0) + sample.energy)
          }
          if (audit.samples > bounds.mostSamples) return
        }
      })
      if (audit.samples > bounds.mostSamples)
        return { kind: 'too-much', what: 'samples', most: bounds.mostSamples }
    }

    const found = new Map<string, Gap>()
    const gapsFrom = instant(Math.min(readFrom, audit.earliest ?? readFrom))
    for (const store of stores) {
      await tolerant(store, async () => {
        const range = { from: gapsFrom, to: window.to, most: bounds.mostGaps + 1 }
        for (const gap of await store.gapsWithin(range, signal)) found.set(gapKey(gap), gap)
      })
      if (found.size > bounds.mostGaps) return { kind: 'too-much', what: 'gaps', most: bounds.mostGaps }
    }

    const all = [...found.values()].sort((a, b) => a.during.to - b.during.to)
    const { nodes, findings, findingCount } = audit.close(all)
    const gaps = all.filter(({ during }) => isWithin(during.to, window))
    const gapsByNode = Map.groupBy(gaps, ({ node }) => node)
    return {
      kind: 'audited',
      nodes: withAllNodes(nodes, [...gapsByNode.keys(), ...booked.keys()])
        .sort((a, b) => (a.node < b.node ? -1 : 1))
        .map((node) => ({
          ...node,
          coverage: coverageOf(window, node.covered),
          booked: booked.get(node.node),
          ...gapSums(gapsByNode.get(node.node) ?? []),
        })),
      gaps,
      findings,
      findingCount,
      ledgerFindings: warnings.length > 0 ? [] : ledgerFindings(booked, sampled, all),
      warnings,
    }
  }
}

async function reading(store: AuditedStore, warnings: string[], read: () => Promise<void>): Promise<void> {
  try {
    await read()
  } catch (failure) {
    const warning = warningWithout(store, failure, 'audit')
    if (!warnings.includes(warning)) warnings.push(warning)
  }
}

function isWithin(at: Instant, { from, to }: Interval): boolean {
  return at > from && at <= to
}

/** What a gap is about; the names that its container bears may differ from store to store. */
function gapKey({ node, containerId, component, during, cause }: Gap): string {
  return JSON.stringify([node, containerId, component, during.from, during.to, cause.kind])
}

/** A node whose samples are all missing is in the books all the same. */
function withAllNodes(nodes: readonly NodeAudit[], names: readonly string[]): NodeAudit[] {
  const audited = new Set(nodes.map(({ node }) => node))
  const silent = [...new Set(names)].filter((name) => !audited.has(name))
  return [...nodes, ...silent.map(nothingOf)]
}

function nothingOf(node: string): NodeAudit {
  const none = joules(0)
  return {
    node,
    scraped: undefined,
    covered: [],
    samples: 0,
    energy: none,
    unnamed: none,
    counterAdvance: none,
    unchecked: none,
    flags: new Map(),
  }
}

function gapSums(gaps: readonly Gap[]): Pick<AuditedNode, 'gaps' | 'refused'> {
  const counts = new Map<Gap['cause']['kind'], number>()
  let claimed = 0
  for (const { cause } of gaps) {
    counts.set(cause.kind, (counts.get(cause.kind) ?? 0) + 1)
    if (cause.kind === 'refused' && Number.isFinite(cause.claimedJoules)) claimed += cause.claimedJoules
  }
  return { gaps: counts, refused: { readings: counts.get('refused') ?? 0, claimed: joules(claimed) } }
}

/** Where samples were dropped, the ledger has counted more than they hold, and a gap says so. */
function ledgerFindings(
  booked: ReadonlyMap<string, BooksAdvance | undefined>,
  sampled: ReadonlyMap<string, number>,
  gaps: readonly Gap[],
): readonly LedgerFinding[] {
  const dropped = new Set(gaps.flatMap(({ node, cause }) => (cause.kind === 'dropped' ? [node] : [])))
  const findings: LedgerFinding[] = []
  for (const [node, booking] of booked) {
    if (booking === undefined) continue
    const { during, containerJoules } = booking
    const energy = sampled.get(node) ?? 0
    const isShort = energy < containerJoules
    if (Math.abs(energy - containerJoules) <= 1e-9 * Math.max(energy, containerJoules) + roundingJoules)
      continue
    if (isShort && dropped.has(node)) continue
    findings.push({ node, during, booked: joules(containerJoules), sampled: joules(energy) })
  }
  return findings
}

/** Sums since the start are doubles: after some terajoules their differences are good to a millijoule. */
const roundingJoules = 1e-3
