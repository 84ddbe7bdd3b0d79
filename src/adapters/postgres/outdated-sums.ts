import { flagBitsOf } from '../../energy/energy-sample.ts'
import { finestSumSeconds, longSampleMs, multipleAfter, multipleBefore } from '../../energy/sum-levels.ts'
import { type Instant, instant } from '../../units.ts'
import { type PlannedRow, refOf } from './batch-plan.ts'
import { doubles, integers, smallIntegers, times } from './binary-parameters.ts'
import { milliseconds, numberAt } from './columns.ts'
import type { Session } from './session.ts'

/**
 * Until when sums are made, or being made: what is written of the time before is to be noted. Whoever sets a later time
 * waits until this transaction has ended; so that it must be the first thing that a transaction locks.
 */
export async function sumsMakingUntil(session: Session): Promise<Instant> {
  await session.rows('lock table energy_sums_made in row share mode')
  const [row] = await session.rows(`select ${milliseconds('making_until')} from energy_sums_made`)
  return instant(row === undefined ? -Infinity : numberAt(row, 0))
}

/** Notes of rows that were added, or were there already, which containers have sums that may not hold them. */
export async function noteForSums(
  session: Session,
  rows: readonly PlannedRow[],
  makingUntil: Instant,
): Promise<void> {
  const long = rows.filter(isLong)
  if (long.length > 0) await insertLong(session, long)
  const late = rows.filter((row) => row.measurement.during.from < makingUntil && !isLong(row))
  if (late.length > 0) await insertOutdated(session, late)
}

function isLong({ measurement: { during } }: PlannedRow): boolean {
  return during.to - during.from > longSampleMs
}

async function insertLong(session: Session, rows: readonly PlannedRow[]): Promise<void> {
  await session.rows(
    `insert into energy_long_samples (time, container_ref, started_at, joules, flags)
     select * from unnest($1::timestamptz[], $2::int4[], $3::timestamptz[], $4::float8[], $5::int2[])
     on conflict (time, container_ref) do nothing`,
    [
      times(Float64Array.from(rows, ({ measurement }) => measurement.during.to)),
      integers(Int32Array.from(rows, refOf)),
      times(Float64Array.from(rows, ({ measurement }) => measurement.during.from)),
      doubles(Float64Array.from(rows, ({ measurement }) => measurement.energy)),
      smallIntegers(Int16Array.from(rows, ({ measurement }) => flagBitsOf(measurement.flags))),
    ],
  )
}

/** In the order of containers, so that two writers never wait for each other. */
async function insertOutdated(session: Session, rows: readonly PlannedRow[]): Promise<void> {
  const noted = new Map<number, { from: number; until: number }>()
  for (const row of rows) {
    const { from, to } = row.measurement.during
    const known = noted.get(refOf(row)) ?? { from, until: to }
    noted.set(refOf(row), { from: Math.min(known.from, from), until: Math.max(known.until, to) })
  }
  const ordered = [...noted].sort(([a], [b]) => a - b)
  await session.rows(
    `insert into energy_sums_to_make as o (container_ref, from_time, until_time)
     select * from unnest($1::int4[], $2::timestamptz[], $3::timestamptz[])
     on conflict (container_ref) do update set
       from_time = least(o.from_time, excluded.from_time),
       until_time = greatest(o.until_time, excluded.until_time)`,
    [
      integers(Int32Array.from(ordered, ([ref]) => ref)),
      times(Float64Array.from(ordered, ([, { from }]) => multipleBefore(from, finestSumSeconds))),
      times(Float64Array.from(ordered, ([, { until }]) => multipleAfter(until, finestSumSeconds))),
    ],
  )
}
