import type { Static } from 'typebox'
import * as Type from './json-schema.ts'
import { Time, TimeOrNull } from './time-in-answers.ts'

const TextOrNull = Type.Union([Type.String(), Type.Null()])
const NumberOrNull = Type.Union([Type.Number(), Type.Null()])

const sums = {
  coverage: Type.Number({
    description: 'The share of the window that samples cover; over all nodes, of their time.',
  }),
  samples: Type.Integer(),
  energy_j: Type.Number({ description: 'Of whole samples that end in the window: counters cannot be cut.' }),
  attributed_j: Type.Number({ description: 'Of containers whose names are known.' }),
  unnamed_j: Type.Number({
    description: 'Of containers whose names are not known yet, or that belong to no pod.',
  }),
  counter_advance_j: Type.Number({
    description: 'What the counters themselves advanced, from the readings that stand in the samples.',
  }),
  residual_j: Type.Number({
    description: 'counter_advance_j less energy_j: 0, unless refused readings, gaps or findings explain it.',
  }),
  unchecked_j: Type.Number({
    description:
      'The part of both that no earlier reading stands beside: first samples, and counters that began again at zero.',
  }),
  node_active_j: Type.Union([Type.Number(), Type.Null()], {
    description:
      'What the node’s own counters advanced, since node_counted_from; null where that is not remembered.',
  }),
  node_idle_j: NumberOrNull,
  resets: Type.Integer({ description: 'Samples during which a counter began again at zero.' }),
  started: Type.Integer(),
  terminated: Type.Integer(),
  reappeared: Type.Integer(),
  gaps: Type.Record(Type.String(), Type.Integer(), { description: 'How many, by cause.' }),
  refused: Type.Object({ readings: Type.Integer(), claimed_j: Type.Number() }),
}

export const AuditedNode = Type.Object(
  {
    node: Type.String({ description: 'Empty for rows of the predecessor, which knew no nodes.' }),
    target: TextOrNull,
    basis: TextOrNull,
    scraped_from: TimeOrNull,
    scraped_to: TimeOrNull,
    node_counted_from: TimeOrNull,
    ...sums,
  },
  { $id: 'AuditedNode', title: 'AuditedNode' },
)

const container = {
  node: Type.String(),
  container_id: Type.String(),
  namespace: TextOrNull,
  pod: TextOrNull,
  container: TextOrNull,
}

export const AuditGap = Type.Object(
  {
    ...container,
    component: Type.String(),
    from: TimeOrNull,
    to: TimeOrNull,
    cause: Type.String(),
    claimed_j: NumberOrNull,
  },
  { $id: 'AuditGap', title: 'AuditGap' },
)

export const AuditFinding = Type.Object(
  {
    ...container,
    from: Time,
    to: Time,
    kind: Type.Enum(['counter-differs', 'overlap', 'hole', 'ledger-differs'], {
      description:
        'counter-differs: a sample holds another energy than its counter advanced; overlap: two samples share the time; hole: no sample covers it, and no gap is recorded; ledger-differs: the process counted another energy for the node than its samples hold.',
    }),
    counted_j: NumberOrNull,
    energy_j: NumberOrNull,
  },
  { $id: 'AuditFinding', title: 'AuditFinding' },
)

const books = {
  energy_j: Type.Number(),
  attributed_j: Type.Number(),
  unnamed_j: Type.Number(),
  idle_j: Type.Number({ description: 'Idle energy that the exporter itself shares out to containers.' }),
  node_active_j: Type.Number(),
  node_idle_j: Type.Number(),
}

export const Audit = Type.Object(
  {
    from: Time,
    to: Time,
    as_of: Time,
    defaults: Type.Array(Type.String()),
    balanced: Type.Boolean({
      description:
        'Every sample holds what its counter advanced, no time counts twice, and none is missing unsaid.',
    }),
    explanation: Type.Array(Type.String(), { description: 'What was found, in sentences.' }),
    nodes: Type.Array(AuditedNode),
    total: Type.Object(sums),
    gaps: Type.Array(AuditGap, { description: 'The first 1000 that end in the window.' }),
    gap_count: Type.Integer(),
    findings: Type.Array(AuditFinding, { description: 'The first 1000 things that do not balance.' }),
    finding_count: Type.Integer(),
    unread_lines: Type.Integer({ description: 'Lines of expositions that were left out, since the start.' }),
    set_aside: Type.Integer({ description: 'Measurements that no store can hold, since the start.' }),
    dropped: Type.Integer({
      description: 'Measurements that had to make room in the queue, since the start.',
    }),
    waiting: Type.Integer({ description: 'Measurements that wait for the store now.' }),
    warnings: Type.Array(Type.String()),
    since_start: Type.Object({
      started_at: Time,
      nodes: Type.Array(
        Type.Object({ node: Type.String(), from: Time, to: Time, basis: Type.String(), ...books }),
      ),
      total: Type.Object(books),
    }),
  },
  { $id: 'Audit', title: 'Audit' },
)
export type Audit = Static<typeof Audit>
