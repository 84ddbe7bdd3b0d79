import type { Workload } from '../../energy/workload.ts'
import { type Instant, instant } from '../../units.ts'
import type { PlannedContainer } from './batch-plan.ts'
import { times } from './binary-parameters.ts'
import { isNullAt, milliseconds, numberAt, type Row, textAt, workloadAt } from './columns.ts'
import type { PreparedStatement, Session } from './session.ts'

/** A row of container_refs. */
type KnownContainer = {
  readonly ref: number
  readonly node: string
  readonly containerId: string
  readonly workload: Workload | undefined
  readonly told: Instant
  readonly lastMeasuredAt: Instant
}

export type ContainerIdentity = { readonly node: string; readonly containerId: string }

/** What a transaction learned about containers; it counts once the transaction is committed. */
export type Resolution = {
  /** Containers that have rows under other names than they bear now. */
  readonly renamed: readonly number[]
  readonly learned: readonly KnownContainer[]
}

/**
 * The numbers of containers, remembered by this process. A number and what it stands for never change, names rarely
 * do. `last_measured_at` is written when it is ten minutes old only: to write it with every measurement would cost as
 * much as the measurements. That also finds out a number that was forgotten by the database.
 */
export type ContainerRefs = {
  /** Numbers containers, within a transaction; but not those that are unknown and only renamed. */
  resolve(session: Session, containers: readonly PlannedContainer[]): Promise<Resolution>
  remember(learned: readonly KnownContainer[]): void
  /** Which containers numbers stand for; a number that nobody knows is left out. */
  identities(refs: ReadonlySet<number>): Promise<ReadonlyMap<number, ContainerIdentity>>
  forget(): void
}

/** How much later than `last_measured_at` says a container may have been measured. */
export const unwrittenMilliseconds = 600_000

/** Some 50 MB; the containers of a large cluster, several times over. */
const mostRemembered = 200_000

/** `lookUp` runs a statement on a connection that no answer is being read from. */
export function createContainerRefs(
  lookUp: (statement: PreparedStatement, values: readonly unknown[]) => Promise<readonly Row[]>,
): ContainerRefs {
  const byNode = new Map<string, Map<string, KnownContainer>>()
  const byRef = new Map<number, ContainerIdentity>()
  let size = 0

  function remember(learned: readonly KnownContainer[]): void {
    if (size > mostRemembered) forget()
    for (const known of learned) {
      const ofNode = byNode.get(known.node) ?? new Map<string, KnownContainer>()
      byNode.set(known.node, ofNode)
      if (!ofNode.has(known.containerId)) size += 1
      ofNode.set(known.containerId, known)
      rememberIdentity(known.ref, known)
    }
  }

  function rememberIdentity(ref: number, { node, containerId }: ContainerIdentity): void {
    if (byRef.size > mostRemembered) byRef.clear()
    byRef.set(ref, { node, containerId })
  }

  function forget(): void {
    byNode.clear()
    byRef.clear()
    size = 0
  }

  return {
    remember,
    forget,

    async resolve(session, containers) {
      const learned: KnownContainer[] = []
      const outdated: (readonly [PlannedContainer, KnownContainer])[] = []
      const number = (container: PlannedContainer, known: KnownContainer) => {
        container.numbered = known
        if (isOutdated(known, container)) outdated.push([container, known])
      }
      const unknown: PlannedContainer[] = []
      for (const container of containers) {
        container.numbered = undefined
        const known = byNode.get(container.node)?.get(container.containerId)
        if (known === undefined) unknown.push(container)
        else number(container, known)
      }
      if (unknown.length > 0) {
        for (const [container, known] of await select(session, unknown)) {
          number(container, known)
          learned.push(known)
        }
      }
      const learn = (found: ReadonlyMap<PlannedContainer, KnownContainer>) => {
        for (const [container, known] of found) {
          container.numbered = known
          learned.push(known)
        }
      }
      if (outdated.length > 0) {
        for (const [container] of outdated) container.numbered = undefined
        learn(await update(session, outdated))
      }
      const missing = containers.filter(
        ({ numbered, measuredUntil }) => numbered === undefined && measuredUntil !== undefined,
      )
      if (missing.length > 0) learn(await insert(session, missing))
      return {
        learned,
        renamed: outdated.flatMap(([{ numbered }, before]) =>
          numbered === undefined || isSameWorkload(numbered.workload, before.workload) ? [] : [numbered.ref],
        ),
      }
    },

    async identities(refs) {
      const found = new Map<number, ContainerIdentity>()
      const unknown: number[] = []
      for (const ref of refs) {
        const known = byRef.get(ref)
        if (known === undefined) unknown.push(ref)
        else found.set(ref, known)
      }
      if (unknown.length === 0) return found
      for (const row of await lookUp(identitiesQuery, [unknown])) {
        const identity = { node: textAt(row, 1), containerId: textAt(row, 2) }
        rememberIdentity(numberAt(row, 0), identity)
        found.set(numberAt(row, 0), identity)
      }
      return found
    },
  }
}

const identitiesQuery = {
  name: 'identities',
  sql: 'select ref, node, container_id from container_refs where ref = any($1::int[])',
}

function isOutdated(
  row: KnownContainer,
  { names, measuredUntil = row.lastMeasuredAt }: PlannedContainer,
): boolean {
  const isRenamed =
    names !== undefined && names.told >= row.told && !isSameWorkload(names.workload, row.workload)
  return isRenamed || measuredUntil - row.lastMeasuredAt >= unwrittenMilliseconds
}

function isSameWorkload(a: Workload | undefined, b: Workload | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.container === b.container && a.pod === b.pod && a.namespace === b.namespace
}

const columns = `c.node, c.container_id, c.ref, c.namespace, c.pod, c.container,
  ${milliseconds('c.named_at')}, ${milliseconds('c.last_measured_at')}`

async function select(
  session: Session,
  containers: readonly PlannedContainer[],
): Promise<ReadonlyMap<PlannedContainer, KnownContainer>> {
  const rows = await session.rows(
    `select ${columns} from unnest($1::text[], $2::text[]) as k (node, container_id)
     join container_refs c on c.node = k.node and c.container_id = k.container_id`,
    [containers.map(({ node }) => node), containers.map(({ containerId }) => containerId)],
  )
  return matched(containers, rows)
}

/** Who has no names was told them at -infinity. */
const newerNames = `excluded.named_at > '-infinity' and excluded.named_at >= coalesce(c.named_at, '-infinity')`

/** In one order of rows, so that two writers never wait for each other. */
async function insert(
  session: Session,
  containers: readonly PlannedContainer[],
): Promise<ReadonlyMap<PlannedContainer, KnownContainer>> {
  const rows = await session.rows(
    `insert into container_refs as c (node, container_id, namespace, pod, container, named_at, last_measured_at)
     select node, container_id, namespace, pod, container, nullif(named_at, '-infinity'), last_measured_at
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[])
       as k (node, container_id, namespace, pod, container, named_at, last_measured_at)
     order by node, container_id
     on conflict (node, container_id) do update set
       namespace = case when ${newerNames} then excluded.namespace else c.namespace end,
       pod = case when ${newerNames} then excluded.pod else c.pod end,
       container = case when ${newerNames} then excluded.container else c.container end,
       named_at = greatest(c.named_at, nullif(excluded.named_at, '-infinity')),
       last_measured_at = greatest(c.last_measured_at, excluded.last_measured_at)
     returning ${columns}`,
    [
      containers.map(({ node }) => node),
      containers.map(({ containerId }) => containerId),
      ...nameColumns(containers),
      times(Float64Array.from(containers, ({ measuredUntil = -Infinity }) => measuredUntil)),
    ],
  )
  return matched(containers, rows)
}

/** An insert that ends in an update would use up a number each time. */
async function update(
  session: Session,
  outdated: readonly (readonly [PlannedContainer, KnownContainer])[],
): Promise<ReadonlyMap<PlannedContainer, KnownContainer>> {
  const ordered = outdated.toSorted(([, a], [, b]) => a.ref - b.ref)
  const containers = ordered.map(([container]) => container)
  await session.rows('select from container_refs where ref = any($1::int[]) order by ref for update', [
    ordered.map(([, { ref }]) => ref),
  ])
  const rows = await session.rows(
    `update container_refs c set
       namespace = case when ${newerNames} then excluded.namespace else c.namespace end,
       pod = case when ${newerNames} then excluded.pod else c.pod end,
       container = case when ${newerNames} then excluded.container else c.container end,
       named_at = greatest(c.named_at, nullif(excluded.named_at, '-infinity')),
       last_measured_at = greatest(c.last_measured_at, excluded.last_measured_at)
     from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[])
       as excluded (ref, namespace, pod, container, named_at, last_measured_at)
     where c.ref = excluded.ref
     returning ${columns}`,
    [
      ordered.map(([, { ref }]) => ref),
      ...nameColumns(containers),
      times(
        Float64Array.from(
          ordered,
          ([{ measuredUntil }, { lastMeasuredAt }]) => measuredUntil ?? lastMeasuredAt,
        ),
      ),
    ],
  )
  return matched(containers, rows)
}

/** Namespaces, pods, containers, and when they were told: at -infinity where they are unknown. */
function nameColumns(containers: readonly PlannedContainer[]): readonly unknown[] {
  return [
    containers.map(({ names }) => names?.workload.namespace ?? null),
    containers.map(({ names }) => names?.workload.pod ?? null),
    containers.map(({ names }) => names?.workload.container ?? null),
    times(Float64Array.from(containers, ({ names }) => names?.told ?? -Infinity)),
  ]
}

function matched(
  containers: readonly PlannedContainer[],
  rows: readonly Row[],
): ReadonlyMap<PlannedContainer, KnownContainer> {
  const byKey = new Map(
    containers.map((container) => [JSON.stringify([container.node, container.containerId]), container]),
  )
  const found = new Map<PlannedContainer, KnownContainer>()
  for (const row of rows) {
    const known = knownContainer(row)
    const container = byKey.get(JSON.stringify([known.node, known.containerId]))
    if (container !== undefined) found.set(container, known)
  }
  return found
}

function knownContainer(row: Row): KnownContainer {
  return {
    node: textAt(row, 0),
    containerId: textAt(row, 1),
    ref: numberAt(row, 2),
    workload: workloadAt(row, 3),
    told: isNullAt(row, 6) ? instant(-Infinity) : instant(numberAt(row, 6)),
    lastMeasuredAt: instant(numberAt(row, 7)),
  }
}
