import { flagBit, flagsOf } from '../../energy/energy-sample.ts'
import type { ContainerSample } from '../../energy/measurement-store.ts'
import type { SampleSelection } from '../../energy/node-history.ts'
import type { Workload } from '../../energy/workload.ts'
import { type Instant, instant, joules, secondsBetween } from '../../units.ts'
import { time } from './binary-parameters.ts'
import { isNullAt, milliseconds, numberAt, type Row } from './columns.ts'
import type { ContainerIdentity, ContainerRefs } from './container-refs.ts'
import { cursorPortions, rowsPerPortion } from './cursor-portions.ts'
import type { Lease } from './database.ts'
import { createRepetitionFilter, predecessorNode } from './predecessor-rows.ts'
import type { PreparedStatement } from './session.ts'

export type SampleQuery = {
  readonly workload: Workload
  readonly selection: SampleSelection
  /** The length that is assumed of the predecessor's intervals. */
  readonly sampleIntervalSeconds: number
}

/**
 * Samples of all containers of these names, oldest first, in portions. Rows of the predecessor count as samples of the
 * container `predecessor` of the node '': it divided by its interval, so that power times interval is what it counted.
 * Rows that it wrote twice count once.
 */
export async function* selectSamples(
  lease: Lease,
  refs: ContainerRefs,
  query: SampleQuery,
): AsyncGenerator<readonly ContainerSample[], void, undefined> {
  const isNewOfPredecessor = createRepetitionFilter([3, 5])
  for await (const rows of portionsOf(lease, query)) {
    const numbers = new Set<number>()
    for (const row of rows) if (!isOfPredecessor(row)) numbers.add(numberAt(row, 2))
    const containers = await lease.during(refs.identities(numbers))
    const samples: ContainerSample[] = []
    for (const row of rows) {
      if (isOfPredecessor(row)) {
        if (isNewOfPredecessor(row)) samples.push(predecessorSample(row, query.sampleIntervalSeconds))
      } else {
        const container = containers.get(numberAt(row, 2))
        if (container !== undefined) samples.push(ownSample(row, container))
      }
    }
    if (samples.length > 0) yield samples
  }
}

/**
 * A short answer is read at once, by a statement that is planned once for each connection, since planning takes longer
 * than reading. A long one is read through a cursor.
 */
async function* portionsOf(
  lease: Lease,
  query: SampleQuery,
): AsyncGenerator<readonly Row[], void, undefined> {
  const { workload, selection } = query
  const short = selection.kind === 'last' ? await lastRows(lease, query) : await rangeRows(lease, query)
  if (short !== undefined) {
    yield short
    return
  }
  const names = [workload.pod, workload.container, workload.namespace]
  if (selection.kind === 'last') {
    yield* cursorPortions(lease, lastStatement(workload), [...names, selection.count])
  } else {
    const values = [...names, time(selection.from), time(selection.to)]
    yield* cursorPortions(lease, rangeStatement(workload), values)
  }
}

/** The rows of a range that is short enough; undefined when it is not. */
async function rangeRows(
  lease: Lease,
  { workload, selection, sampleIntervalSeconds }: SampleQuery,
): Promise<readonly Row[] | undefined> {
  if (selection.kind !== 'range') return undefined
  const expected = secondsBetween(selection.from, selection.to) / sampleIntervalSeconds
  if (!(expected < rowsPerPortion)) return undefined
  const sql = `${rangeStatement(workload)} limit ${rowsPerPortion + 1}`
  const { pod, container, namespace } = workload
  const values = [pod, container, namespace, time(selection.from), time(selection.to)]
  const rows = await lease.during(lease.session.prepared(planned('range', sql), values))
  return rows.length > rowsPerPortion ? undefined : rows
}

/**
 * The rows with the last `count` ends, if there is one row for each: one more is read, to see that no other row ends
 * with the first. Undefined when containers share the names, or when those are many.
 */
async function lastRows(
  lease: Lease,
  { workload, selection }: SampleQuery,
): Promise<readonly Row[] | undefined> {
  if (selection.kind !== 'last' || selection.count >= rowsPerPortion) return undefined
  const { count } = selection
  const { pod, container, namespace } = workload
  const values = [pod, container, namespace, count + 1]
  const statement = planned('last', lastRowsStatement(workload))
  const rows = await lease.during(lease.session.prepared(statement, values))
  if (rows.length <= count) return rows.toReversed()
  const ends = new Set(rows.map((row) => row[0]))
  return ends.size === rows.length ? rows.slice(0, count).reverse() : undefined
}

/** A name for each text: the one for most workloads, and the two for those with empty names. */
function planned(what: string, sql: string): PreparedStatement {
  return { name: `${what} ${sql.length}`, sql }
}

/**
 * The rows of a workload. The predecessor's namespace may be null; rows of containers without names have three empty
 * ones, and are nobody's.
 */
function rowsOf({ namespace, pod, container }: Workload): string {
  const namesMatch = 'pod_id = $1 and container_name = $2'
  if (namespace !== '') return `${namesMatch} and namespace = $3`
  const withNull = `${namesMatch} and (namespace = $3 or namespace is null)`
  if (pod !== '' || container !== '') return withNull
  return `${withNull} and container_ref in (select ref from container_refs where pod is not null)`
}

export const sampleColumns = `${milliseconds('time')}, ${milliseconds('started_at')}, container_ref,
  energy_consumption, joules, joules_total, flags`

/** The predecessor's times have microseconds and are given without: a row ends in the millisecond that holds its time. */
function rangeStatement(workload: Workload): string {
  return `select ${sampleColumns} from container_metrics
    where ${rowsOf(workload)} and time >= $4 and time < $5::timestamptz + interval '1 millisecond'
      and (time <= $5 or started_at is null)
    order by time`
}

function lastRowsStatement(workload: Workload): string {
  return `select ${sampleColumns} from container_metrics where ${rowsOf(workload)} order by time desc limit $4`
}

function lastStatement(workload: Workload): string {
  const rows = rowsOf(workload)
  return `select ${sampleColumns} from container_metrics
    where ${rows} and time >= (
      select min(time) from (
        select distinct time from container_metrics where ${rows} order by time desc limit $4
      ) ends
    )
    order by time`
}

function isOfPredecessor(row: Row): boolean {
  return isNullAt(row, 1)
}

export function ownSample(row: Row, { node, containerId }: ContainerIdentity): ContainerSample {
  return {
    node,
    containerId,
    during: { from: instant(numberAt(row, 1)), to: instant(numberAt(row, 0)) },
    energy: joules(numberAt(row, 4)),
    counter: joules(numberAt(row, 5)),
    flags: flagsOf(numberAt(row, 6)),
  }
}

export function predecessorSample(row: Row, sampleIntervalSeconds: number): ContainerSample {
  const to: Instant = instant(Math.floor(numberAt(row, 0)))
  return {
    node: predecessorNode,
    containerId: 'predecessor',
    during: { from: instant(to - sampleIntervalSeconds * 1000), to },
    energy: joules(numberAt(row, 3) * sampleIntervalSeconds),
    counter: joules(numberAt(row, 5)),
    flags: predecessorFlags,
  }
}

const predecessorFlags = flagsOf(flagBit('predecessor'))
