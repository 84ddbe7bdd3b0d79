import type { AuditFinding } from '../../energy/counter-audit.ts'
import type { AuditedEnergy, LedgerFinding } from '../../flows/audit-energy.ts'
import { type Interval, isoWithMicroseconds } from '../../units.ts'
import type { CountedSinceStart } from './api-ports.ts'

const mostTold = 20

/** What an audit found, in sentences: first the sums, then what explains them, then what does not balance. */
export function auditSentences(
  audited: AuditedEnergy,
  { setAside, dropped, waiting }: CountedSinceStart,
): readonly string[] {
  const { nodes, gaps, findings, ledgerFindings, warnings } = audited
  const sum = (of: (node: AuditedEnergy['nodes'][number]) => number) =>
    nodes.reduce((total, node) => total + of(node), 0)
  const energy = sum((node) => node.energy)
  const advance = sum((node) => node.counterAdvance)
  const unchecked = sum((node) => node.unchecked)
  const residual = advance - energy
  const count = audited.findingCount + ledgerFindings.length
  const told = [...ledgerFindings.map(ledgerSentence), ...findings.map(findingSentence)].slice(0, mostTold)
  const causes = [...Map.groupBy(gaps, ({ cause }) => cause.kind)].map(
    ([cause, some]) => `${some.length} ${cause}`,
  )
  return [
    `The counters advanced ${joulesText(advance)}, and ${sum((node) => node.samples)} samples of ${nodes.length} nodes hold ${joulesText(energy)}.`,
    ...(Math.abs(residual) > 1e-6 * Math.max(advance, energy)
      ? [
          residual > 0
            ? `The ${joulesText(residual)} between them are not counted.`
            : `The ${joulesText(-residual)} between them were counted by no counter.`,
        ]
      : []),
    ...(unchecked > 0
      ? [
          `${joulesText(unchecked)} of it are taken at their word, since no earlier reading of their counters stands beside them.`,
        ]
      : []),
    ...(gaps.length > 0
      ? [`${gaps.length} gaps are recorded, in which energy may have gone uncounted: ${causes.join(', ')}.`]
      : []),
    ...(dropped > 0 ? [`${dropped} measurements were dropped since the start; gaps stand for them.`] : []),
    ...(setAside > 0
      ? [
          `${setAside} measurements were set aside since the start, since no store can hold them; no sample stands for them.`,
        ]
      : []),
    ...(count > 0 && waiting > 0
      ? [`${waiting} measurements wait for the store; those from before a restart are not seen here yet.`]
      : []),
    ...(warnings.length > 0 ? ['What is not in memory could not be looked at: the store is away.'] : []),
    ...told,
    ...(count > told.length ? [`${count - told.length} more do not balance.`] : []),
  ]
}

function ledgerSentence({ node, during, booked, sampled }: LedgerFinding): string {
  return `Node ${node}, ${timesText(during)}: this process counted ${joulesText(booked)}, and the samples hold ${joulesText(sampled)}.`
}

function findingSentence({ node, containerId, workload, during, what }: AuditFinding): string {
  const names =
    workload === undefined
      ? 'a container without names'
      : `${workload.namespace}/${workload.pod}/${workload.container}`
  const who = `Node ${node}, ${names} (${containerId}), ${timesText(during)}`
  switch (what.kind) {
    case 'counter-differs':
      return `${who}: its counter advanced ${joulesText(what.advance)}, and its sample holds ${joulesText(what.energy)}.`
    case 'overlap':
      return `${who}: two samples share this time, whose energy counts twice.`
    case 'hole':
      return `${who}: no sample covers this time, and no gap is recorded.`
  }
}

function timesText({ from, to }: Interval): string {
  return `from ${isoWithMicroseconds(from)} to ${isoWithMicroseconds(to)}`
}

function joulesText(joules: number): string {
  return `${Number(joules.toPrecision(9))} J`
}
