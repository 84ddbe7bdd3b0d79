import { attempt, type Execute, finds, type OptionalStep } from './optional-steps.ts'

export type TimescaleOptions = {
  readonly retentionDays: number
  /** The length that is assumed of the predecessor's intervals. */
  readonly sampleIntervalSeconds: number
  readonly onNotice: (text: string) => void
}

/**
 * Makes the table of measurements a hypertable and lets TimescaleDB do what its edition can: pack chunks after a day,
 * drop them after the retention, and keep sums per hour and per day. What is there already is left as it is.
 *
 * Each statement runs outside a transaction: an aggregate cannot be filled within one.
 * Sources: docs of TimescaleDB 2.28 (create_hypertable, hypercore, continuous aggregates); the names from before 2.18
 * and 2.13 are tried where the newer ones are unknown. The Apache edition refuses all but the hypertable (0A000).
 */
export async function useTimescale(execute: Execute, options: TimescaleOptions): Promise<void> {
  const { onNotice } = options
  if (!(await finds(execute, isHypertable))) {
    if (!(await attempt(execute, hypertable, onNotice))) return
  }
  if (!(await finds(execute, isPacked)) && (await attempt(execute, columnstore, onNotice))) {
    await attempt(execute, columnstorePolicy, onNotice)
  }
  await useRetentionPolicy(execute, options)
  for (const aggregate of aggregates) await useAggregate(execute, aggregate, options)
}

const ofTable = `hypertable_name = 'container_metrics' and hypertable_schema = current_schema()`
export const isHypertable = `select from timescaledb_information.hypertables where ${ofTable}`
const isPacked = `${isHypertable} and compression_enabled`
export const hasRetentionPolicy = `select from timescaledb_information.jobs where ${ofTable} and proc_name = 'policy_retention'`

const hypertable: OptionalStep = {
  otherwise: 'TimescaleDB does not make container_metrics a hypertable; it stays a plain table',
  sql: [
    `select create_hypertable('container_metrics', by_range('time', interval '1 day'),
       create_default_indexes => false, if_not_exists => true, migrate_data => true)`,
    `select create_hypertable('container_metrics', 'time', chunk_time_interval => interval '1 day',
       create_default_indexes => false, if_not_exists => true, migrate_data => true)`,
  ],
}

/**
 * Rows are packed by container: by its number, which the unique key needs, and by its names, which depend on it in
 * our rows, and by which rows are looked up.
 */
const segmentBy = 'container_ref, pod_id, container_name, namespace'

const columnstore: OptionalStep = {
  otherwise: 'TimescaleDB does not pack container_metrics into its columnstore; rows stay as they are',
  sql: [
    `alter table container_metrics set (timescaledb.enable_columnstore = true,
       timescaledb.segmentby = '${segmentBy}', timescaledb.orderby = 'time desc')`,
    `alter table container_metrics set (timescaledb.compress = true,
       timescaledb.compress_segmentby = '${segmentBy}', timescaledb.compress_orderby = 'time desc')`,
  ],
}

const columnstorePolicy: OptionalStep = {
  otherwise: 'TimescaleDB does not pack container_metrics by itself',
  sql: [
    `call add_columnstore_policy('container_metrics', after => interval '1 day', if_not_exists => true)`,
    `select add_compression_policy('container_metrics', interval '1 day', if_not_exists => true)`,
  ],
}

async function useRetentionPolicy(
  execute: Execute,
  { retentionDays, onNotice }: TimescaleOptions,
): Promise<void> {
  const sameAge = `${hasRetentionPolicy} and (config->>'drop_after')::interval = interval '${retentionDays} days'`
  if (await finds(execute, sameAge)) return
  // A policy of another age is not changed by adding one.
  if (await finds(execute, hasRetentionPolicy)) {
    await attempt(execute, oldRetentionPolicy, onNotice)
  }
  const policy = {
    otherwise: 'TimescaleDB does not drop old measurements by itself; co2-api does',
    sql: [
      `select add_retention_policy('container_metrics', interval '${retentionDays} days', if_not_exists => true)`,
    ],
  } as const
  await attempt(execute, policy, onNotice)
}

const oldRetentionPolicy: OptionalStep = {
  otherwise: 'TimescaleDB keeps its former retention of container_metrics',
  sql: [`select remove_retention_policy('container_metrics', if_exists => true)`],
}

type Aggregate = {
  readonly name: string
  readonly bucketHours: number
  readonly refreshMinutes: number
}

const aggregates: readonly Aggregate[] = [
  { name: 'container_metrics_hourly', bucketHours: 1, refreshMinutes: 30 },
  { name: 'container_metrics_daily', bucketHours: 24, refreshMinutes: 360 },
]

/** Measurements that arrive later than this are not in the sums. */
const refreshedHours = 96

async function useAggregate(
  execute: Execute,
  { name, bucketHours, refreshMinutes }: Aggregate,
  { retentionDays, sampleIntervalSeconds, onNotice }: TimescaleOptions,
): Promise<void> {
  // A refresh over a time whose measurements are gone would empty the sums of that time.
  const startHours = Math.min(refreshedHours, (retentionDays - 1) * 24)
  if (startHours < 3 * bucketHours) {
    onNotice(`${name} is not made: a retention of ${retentionDays} days is too short for it`)
    return
  }
  const isNew = !(await finds(execute, `select from pg_class where oid = to_regclass('${name}')`))
  if (isNew) {
    const otherwise = `TimescaleDB does not keep ${name}; sums are taken over measurements`
    const view = `create materialized view ${name}
      with (timescaledb.continuous, timescaledb.materialized_only = false) as
      select time_bucket(interval '${bucketHours} hours', time) as bucket,
        namespace, pod_id, container_name, container_ref,
        sum(coalesce(joules, energy_consumption * ${sampleIntervalSeconds})) as joules,
        max(energy_consumption) as peak_watts, count(*) as measurements
      from container_metrics group by 1, 2, 3, 4, 5 with no data`
    if (!(await attempt(execute, { otherwise, sql: [view] }, onNotice))) return
  }
  const policy = {
    otherwise: `TimescaleDB does not refresh ${name} by itself`,
    sql: [
      `select add_continuous_aggregate_policy('${name}', start_offset => interval '${startHours} hours',
         end_offset => interval '${bucketHours} hours',
         schedule_interval => interval '${refreshMinutes} minutes', if_not_exists => true)`,
    ],
  } as const
  await attempt(execute, policy, onNotice)
  if (isNew) {
    const filling = {
      otherwise: `TimescaleDB does not fill ${name} with what was measured before`,
      sql: [`call refresh_continuous_aggregate('${name}', null, null)`],
    } as const
    await attempt(execute, filling, onNotice)
  }
}
