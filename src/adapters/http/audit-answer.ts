import type { AuditFinding } from '../../energy/counter-audit.ts'
import type { SampleFlag } from '../../energy/energy-sample.ts'
import type { Gap } from '../../energy/gap.ts'
import type { NodeBooks } from '../../energy/node-ledger.ts'
import type { Workload } from '../../energy/workload.ts'
import type { AuditedEnergy, AuditedNode, LedgerFinding } from '../../flows/audit-energy.ts'
import type { TargetStatus } from '../../flows/scrape-health.ts'
import { type Instant, type Interval, isoWithMicroseconds } from '../../units.ts'
import type { CountedSinceStart } from './api-ports.ts'
import type { Audit } from './audit-schema.ts'
import { auditSentences } from './audit-sentences.ts'
import { timeOrNull } from './time-in-answers.ts'

const mostListed = 1000

export function auditAnswer(
  audited: AuditedEnergy,
  about: {
    readonly window: Interval
    readonly asOf: Instant
    readonly defaults: readonly string[]
    readonly targets: readonly TargetStatus[]
    readonly sinceStart: CountedSinceStart
  },
): Audit {
  const { window, asOf, defaults, targets, sinceStart } = about
  const { startedAt, books, unreadLines, setAside, dropped, waiting } = sinceStart
  const targetOf = new Map(
    targets.flatMap(({ target, nodes }) =>
      nodes.map(({ node, basis }) => [node, { target, basis }] as const),
    ),
  )
  const findingCount = audited.findingCount + audited.ledgerFindings.length
  return {
    from: isoWithMicroseconds(window.from),
    to: isoWithMicroseconds(window.to),
    as_of: isoWithMicroseconds(asOf),
    defaults: [...defaults],
    balanced: findingCount === 0,
    explanation: [...auditSentences(audited, sinceStart)],
    nodes: audited.nodes.map((node) => ({
      node: node.node,
      target: targetOf.get(node.node)?.target ?? null,
      basis: targetOf.get(node.node)?.basis ?? null,
      scraped_from: timeOrNull(node.scraped?.from),
      scraped_to: timeOrNull(node.scraped?.to),
      node_counted_from: timeOrNull(node.booked?.during.from),
      ...sumsOf([node]),
    })),
    total: sumsOf(audited.nodes),
    gaps: audited.gaps.slice(0, mostListed).map(gapOf),
    gap_count: audited.gaps.length,
    findings: [...audited.ledgerFindings.map(ofLedger), ...audited.findings.map(ofCounter)].slice(
      0,
      mostListed,
    ),
    finding_count: findingCount,
    unread_lines: unreadLines,
    set_aside: setAside,
    dropped,
    waiting,
    warnings: [...audited.warnings],
    since_start: {
      started_at: isoWithMicroseconds(startedAt),
      nodes: books.map((ofNode) => ({
        node: ofNode.node,
        from: isoWithMicroseconds(ofNode.during.from),
        to: isoWithMicroseconds(ofNode.during.to),
        basis: ofNode.basis,
        ...bookSums([ofNode]),
      })),
      total: bookSums(books),
    },
  }
}

function sumsOf(nodes: readonly AuditedNode[]): Audit['total'] {
  const sum = (of: (node: AuditedNode) => number) => nodes.reduce((total, node) => total + of(node), 0)
  const flagged = (flag: SampleFlag) => sum(({ flags }) => flags.get(flag) ?? 0)
  const energy = sum((node) => node.energy)
  const unnamed = sum((node) => node.unnamed)
  const advance = sum((node) => node.counterAdvance)
  const isCounted = nodes.some(({ booked }) => booked !== undefined)
  const gaps = new Map<string, number>()
  for (const node of nodes) {
    for (const [cause, count] of node.gaps) gaps.set(cause, (gaps.get(cause) ?? 0) + count)
  }
  return {
    coverage: nodes.length === 0 ? 0 : sum((node) => node.coverage) / nodes.length,
    samples: sum((node) => node.samples),
    energy_j: energy,
    attributed_j: energy - unnamed,
    unnamed_j: unnamed,
    counter_advance_j: advance,
    residual_j: advance - energy,
    unchecked_j: sum((node) => node.unchecked),
    node_active_j: isCounted ? sum(({ booked }) => booked?.nodeActiveJoules ?? 0) : null,
    node_idle_j: isCounted ? sum(({ booked }) => booked?.nodeIdleJoules ?? 0) : null,
    resets: flagged('reset'),
    started: flagged('started'),
    terminated: flagged('terminated'),
    reappeared: flagged('reappeared'),
    gaps: Object.fromEntries(gaps),
    refused: {
      readings: sum(({ refused }) => refused.readings),
      claimed_j: sum(({ refused }) => refused.claimed),
    },
  }
}

function bookSums(books: readonly NodeBooks[]): Audit['since_start']['total'] {
  const sum = (of: (ofNode: NodeBooks) => number) => books.reduce((total, ofNode) => total + of(ofNode), 0)
  const energy = sum(({ containerJoules }) => containerJoules)
  const unnamed = sum(({ unnamedJoules }) => unnamedJoules)
  return {
    energy_j: energy,
    attributed_j: energy - unnamed,
    unnamed_j: unnamed,
    idle_j: sum(({ containerIdleJoules }) => containerIdleJoules),
    node_active_j: sum(({ nodeActiveJoules }) => nodeActiveJoules),
    node_idle_j: sum(({ nodeIdleJoules }) => nodeIdleJoules),
  }
}

function gapOf({ node, containerId, component, workload, during, cause }: Gap): Audit['gaps'][number] {
  return {
    ...containerOf(node, containerId, workload),
    component,
    from: timeOrNull(during.from),
    to: timeOrNull(during.to),
    cause: cause.kind,
    claimed_j: cause.kind === 'refused' && Number.isFinite(cause.claimedJoules) ? cause.claimedJoules : null,
  }
}

function ofCounter({ node, containerId, workload, during, what }: AuditFinding): Audit['findings'][number] {
  return {
    ...containerOf(node, containerId, workload),
    from: isoWithMicroseconds(during.from),
    to: isoWithMicroseconds(during.to),
    kind: what.kind,
    counted_j: what.kind === 'counter-differs' ? what.advance : null,
    energy_j: what.kind === 'counter-differs' ? what.energy : null,
  }
}

function ofLedger({ node, during, booked, sampled }: LedgerFinding): Audit['findings'][number] {
  return {
    ...containerOf(node, '*', undefined),
    from: isoWithMicroseconds(during.from),
    to: isoWithMicroseconds(during.to),
    kind: 'ledger-differs',
    counted_j: booked,
    energy_j: sampled,
  }
}

function containerOf(node: string, containerId: string, workload: Workload | undefined) {
  return {
    node,
    container_id: containerId,
    namespace: workload?.namespace ?? null,
    pod: workload?.pod ?? null,
    container: workload?.container ?? null,
  }
}
