import { flagBitsOf } from '../../energy/energy-sample.ts'
import { meanPower } from '../../units.ts'
import { type PlannedRow, refOf } from './batch-plan.ts'
import { doubles, integers, smallIntegers, times } from './binary-parameters.ts'
import { copiedColumns, encodeForCopy } from './copy-encoding.ts'
import type { Session } from './session.ts'

/**
 * Adds measurements of numbered containers that are all new; throws a unique violation when one is there already. COPY
 * has no word for conflicts, and is a third faster for it.
 */
export async function copyRows(session: Session, rows: readonly PlannedRow[]): Promise<void> {
  await session.copy(
    `copy container_metrics (${copiedColumns}) from stdin (format binary)`,
    encodeForCopy(rows),
  )
}

/**
 * Adds measurements, some of which may be there already, and returns how many were new. The names come from
 * container_refs, where they have just been written.
 */
export async function insertRows(session: Session, rows: readonly PlannedRow[]): Promise<number> {
  const count = rows.length
  const refs = new Int32Array(count)
  const ends = new Float64Array(count)
  const beginnings = new Float64Array(count)
  const energies = new Float64Array(count)
  const powers = new Float64Array(count)
  const counters = new Float64Array(count)
  const flags = new Int16Array(count)
  for (const [index, row] of rows.entries()) {
    const { during, energy, counter } = row.measurement
    refs[index] = refOf(row)
    ends[index] = during.to
    beginnings[index] = during.from
    energies[index] = energy
    powers[index] = meanPower(energy, during)
    counters[index] = counter
    flags[index] = flagBitsOf(row.measurement.flags)
  }
  return session.count(insertion, [
    integers(refs),
    times(ends),
    times(beginnings),
    doubles(energies),
    doubles(powers),
    doubles(counters),
    smallIntegers(flags),
  ])
}

const insertion = `insert into container_metrics
  (time, pod_id, namespace, energy_consumption, container_name, joules_total, container_ref, started_at, joules, flags)
select m.time, coalesce(c.pod, ''), coalesce(c.namespace, ''), m.power, coalesce(c.container, ''), m.counter,
  m.ref, m.started_at, m.joules, m.flags
from unnest($1::int4[], $2::timestamptz[], $3::timestamptz[], $4::float8[], $5::float8[], $6::float8[], $7::int2[])
  as m (ref, time, started_at, joules, power, counter, flags)
join container_refs c on c.ref = m.ref
on conflict (container_ref, time) do nothing`

/** Writes the names that containers bear now into their rows. */
export async function renameRows(session: Session, refs: readonly number[]): Promise<void> {
  await session.rows(
    `update container_metrics m
     set pod_id = coalesce(c.pod, ''), namespace = coalesce(c.namespace, ''), container_name = coalesce(c.container, '')
     from container_refs c
     where m.container_ref = c.ref and m.container_ref = any($1::int[]) and c.ref = any($1::int[])
       and (m.pod_id, m.namespace, m.container_name) is distinct from
         (coalesce(c.pod, ''), coalesce(c.namespace, ''), coalesce(c.container, ''))`,
    [refs],
  )
}

/**
 * TimescaleDB refuses to unpack more than 100,000 rows in a transaction, unless told: a batch that comes days late, or
 * a container that is renamed after days, may need more.
 */
export async function allowUnpacking(session: Session): Promise<void> {
  await session.rows(`select set_config(name, '0', true) from pg_settings
    where name = 'timescaledb.max_tuples_decompressed_per_dml_transaction'`)
}
