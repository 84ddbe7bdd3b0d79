import {
  coarsestSumSeconds,
  finestSumSeconds,
  longSampleMs,
  multipleAfter,
  multipleBefore,
  sumsReadyUntil,
} from '../../energy/sum-levels.ts'
import { type Instant, type Interval, instant } from '../../units.ts'
import { time } from './binary-parameters.ts'
import { isNullAt, milliseconds, numberAt } from './columns.ts'
import { isUnsupported, sqlStateOf } from './failure.ts'
import { integersLiteral } from './literals.ts'
import type { Layout } from './schema.ts'
import type { Session } from './session.ts'
import { inTransaction, unlessConflicting } from './transaction.ts'

/** So many of the shortest sums are made in one transaction, each of some thirty measurements: some 15 s. */
const sumsPerStep = 100_000
/** Containers whose sums are made again in one transaction. */
const outdatedPerStep = 500
/** Hours of measurements, or of some containers' again, that are summed up in one turn. */
const stepsPerTurn = 48

/** Runs a step on a connection. */
type RunStep = <T>(step: (session: Session) => Promise<T>) => Promise<T>

/**
 * Makes the sums of the time that has passed since the last turn, and those again that measurements have come for since
 * they were made. Others may write and read meanwhile, and other processes may do the same: of several, one does it.
 * Resolves with the number of sums that were made.
 */
export async function makeSums(run: RunStep, making: Making): Promise<number> {
  const { now, layout, signal } = making
  const latest = sumsReadyUntil(now)
  let made = 0
  let steps = 0
  const makeNew: Step = (session) => makeNext(session, latest, layout())
  for (const step of [makeNew, makeAgain]) {
    for (; steps < stepsPerTurn; steps += 1) {
      signal.throwIfAborted()
      const found = await run((session) =>
        unlessRefused(() => unlessConflicting(() => step(session)), making),
      )
      if (found === undefined) break
      made += found
    }
  }
  return made
}

export type Making = {
  readonly now: Instant
  /** As it is once the schema is there. */
  readonly layout: () => Layout
  readonly signal: AbortSignal
  /** The server, or an extension of it, cannot do that. */
  readonly onRefused: (reason: string) => void
}

/** Returns how many sums were made; undefined when there is nothing to be done now. */
type Step = (session: Session) => Promise<number | undefined>

async function unlessRefused<T>(work: () => Promise<T>, { onRefused }: Making): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!isUnsupported(error)) throw error
    onRefused(error instanceof Error ? error.message : String(error))
    return undefined
  }
}

/** The sums of the next step of time, at most to the end of its hour; undefined when there is nothing to be done now. */
async function makeNext(session: Session, latest: Instant, layout: Layout): Promise<number | undefined> {
  const from = (await madeUntil(session)) ?? (await hourOfNext(session, instant(-Infinity), layout))
  if (from === undefined || from >= latest) return undefined
  const enough = await endOfStep(session, from)
  // Of time that holds nothing, be it years, nothing is made.
  const next = enough < latest ? ((await hourOfNext(session, from, layout)) ?? latest) : enough
  const during = { from, to: instant(Math.min(latest, Math.max(enough, next))) }
  if (!(await announce(session, during))) return undefined
  return inTransaction(session, async () => {
    if (!(await isOnlyMaker(session)) || (await madeUntil(session)) !== from) return undefined
    const made = await sumUp(session, during)
    await addUp(session, {
      from: multipleBefore(during.from, coarsestSumSeconds),
      to: multipleBefore(during.to, coarsestSumSeconds),
    })
    await session.rows('update energy_sums_made set made_until = $1', [time(during.to)])
    return made
  })
}

/** An hour of measurements, or as much of it as can be summed up well within the time-out of a statement. */
async function endOfStep(session: Session, from: Instant): Promise<Instant> {
  const [row = []] = await session.rows('select count(*)::float8 from container_refs')
  const perContainer = Math.floor(sumsPerStep / Math.max(1, numberAt(row, 0)))
  const sums = Math.max(1, Math.min(perContainer, coarsestSumSeconds / finestSumSeconds))
  return instant(Math.min(from + sums * finestSumSeconds * 1000, multipleAfter(from + 1, coarsestSumSeconds)))
}

/**
 * From now on, whoever writes a measurement of that time notes it; whoever has not noted has committed. False when some
 * writer takes too long for it.
 */
async function announce(session: Session, { from, to }: Interval): Promise<boolean> {
  try {
    await inTransaction(session, async () => {
      // Writers that come later wait behind this, so that it must not wait long.
      await session.rows(`select set_config('lock_timeout', '2s', true)`)
      await session.rows('lock table energy_sums_made in exclusive mode')
      await session.rows(
        `insert into energy_sums_made as m (made_until, making_until) values ($1, $2)
         on conflict (only_row) do update set making_until = greatest(m.making_until, excluded.making_until)`,
        [time(from), time(to)],
      )
    })
    return true
  } catch (error) {
    if (sqlStateOf(error) === lockNotAvailable) return false
    throw error
  }
}

const lockNotAvailable = '55P03'

/**
 * The sums of the first hour among those that are to be made again, of some of their containers; undefined when there is
 * nothing to be done now. Who writes a measurement of them meanwhile waits until they are made, and notes it then.
 */
async function makeAgain(session: Session): Promise<number | undefined> {
  return inTransaction(session, async () => {
    const until = (await isOnlyMaker(session)) ? await madeUntil(session) : undefined
    if (until === undefined) return undefined
    const rows = await session.rows(
      `select container_ref, ${milliseconds('from_time')}, ${milliseconds('until_time')}
       from energy_sums_to_make where container_ref = any(array(
         select container_ref from energy_sums_to_make where from_time < $1 order by from_time limit ${outdatedPerStep}
       )) order by container_ref for update`,
      [time(until)],
    )
    if (rows.length === 0) return undefined
    const from = instant(Math.min(...rows.map((row) => numberAt(row, 1))))
    const nextHour = multipleAfter(from + 1, coarsestSumSeconds)
    const to = instant(Math.min(until, nextHour))
    const refs = rows.filter((row) => numberAt(row, 1) < to).map((row) => numberAt(row, 0))
    await session.rows('update energy_sums_to_make set from_time = $2 where container_ref = any($1::int[])', [
      refs,
      time(to),
    ])
    await session.rows(
      'delete from energy_sums_to_make where container_ref = any($1::int[]) and until_time <= $2',
      [refs, time(to)],
    )
    const made = await sumUp(session, { from, to }, refs)
    if (nextHour <= until)
      await addUp(session, { from: multipleBefore(from, coarsestSumSeconds), to: nextHour }, refs)
    return made
  })
}

/** Of all processes on this database, and for this transaction. */
async function isOnlyMaker(session: Session): Promise<boolean> {
  const [row = []] = await session.rows(
    `select pg_try_advisory_xact_lock(${lock}, 'energy_sums'::regclass::oid::int8::bit(32)::int4)`,
  )
  return row[0] === true
}

/** Any number that nobody else locks: the letters "co2e". */
const lock = 0x63_6f_32_65

async function madeUntil(session: Session): Promise<Instant | undefined> {
  const [row] = await session.rows(`select ${milliseconds('made_until')} from energy_sums_made`)
  return row === undefined ? undefined : instant(numberAt(row, 0))
}

/** The hour in which the next measurement begins that ends after `at`, or an earlier one; undefined when there is none. */
async function hourOfNext(session: Session, at: Instant, layout: Layout): Promise<Instant | undefined> {
  const [row = []] = await session.rows(
    `select ${milliseconds('min(time)')} from (${layout.kind === 'distributed' ? nextOfAll : nextOfEach}) m`,
    [time(at)],
  )
  return isNullAt(row, 0) ? undefined : multipleBefore(numberAt(row, 0) - longSampleMs, coarsestSumSeconds)
}

const nextOfEach = `select (
  select m.time from container_metrics m where m.container_ref = c.ref and m.time > $1 order by m.time limit 1
) as time from container_refs c`

/** Citus knows no query within a query that depends on the outer row. */
const nextOfAll = 'select time from container_metrics where started_at is not null and time > $1'

/** Writes the shortest sums of a time that begins and ends with them, of all containers or of some. */
async function sumUp(session: Session, { from, to }: Interval, refs?: readonly number[]): Promise<number> {
  // Sums of many containers are gathered in memory, not on the disk.
  await session.rows(`select set_config('work_mem', '64MB', true)`)
  return session.count(
    `insert into energy_sums as s (level_seconds, begins_at, container_ref, joules, covered_ms, samples, flags)
     select ${finestSumSeconds}, begins_at, container_ref,
       sum(case when abs(joules) < ${leastJoules} then 0 else joules * (date_part('epoch', part) / date_part('epoch', whole)) end),
       sum(date_part('epoch', part) * 1000),
       count(*) filter (where time <= begins_at + ${length}),
       bit_or(flags)
     from (
       select m.container_ref, m.time, m.joules, m.flags, b.begins_at, m.time - m.started_at as whole,
         least(m.time, b.begins_at + ${length}) - greatest(m.started_at, b.begins_at) as part
       from container_metrics m
       cross join lateral (
         select to_timestamp((floor(date_part('epoch', m.started_at) / ${finestSumSeconds}) + n) * ${finestSumSeconds})
           as begins_at
         from (values (0), (1)) k (n)
       ) b
       where m.time > $1 and m.time <= $2::timestamptz + interval '${longSampleMs} milliseconds' and m.started_at < $2
         and m.time - m.started_at <= interval '${longSampleMs} milliseconds'
         and b.begins_at < m.time and b.begins_at >= $1 and b.begins_at < $2
         ${among(refs)}
     ) parts
     group by begins_at, container_ref ${orInstead}`,
    [time(from), time(to)],
  )
}

/** Writes the sums of whole hours from the shortest sums, of all containers or of some. */
async function addUp(session: Session, { from, to }: Interval, refs?: readonly number[]): Promise<void> {
  await session.rows(
    `insert into energy_sums as s (level_seconds, begins_at, container_ref, joules, covered_ms, samples, flags)
     select ${coarsestSumSeconds}, to_timestamp(floor(date_part('epoch', m.begins_at) / ${coarsestSumSeconds}) * ${coarsestSumSeconds}) as hour,
       m.container_ref, sum(m.joules), sum(m.covered_ms), sum(m.samples), bit_or(m.flags)
     from energy_sums m
     where m.level_seconds = ${finestSumSeconds} and m.begins_at >= $1 and m.begins_at < $2 ${among(refs)}
     group by hour, m.container_ref ${orInstead}`,
    [time(from), time(to)],
  )
}

/** PostgreSQL refuses a product that is too small for it; a share of a measurement is at least a millisecond of its minutes. */
const leastJoules = 1e-300

const length = `interval '${finestSumSeconds} seconds'`

/** Measurements are only ever added, so that a sum that is there is out of date. */
const orInstead = `on conflict (level_seconds, begins_at, container_ref) do update set
  joules = excluded.joules, covered_ms = excluded.covered_ms, samples = excluded.samples, flags = excluded.flags`

function among(refs: readonly number[] | undefined): string {
  return refs === undefined ? '' : `and m.container_ref = any(${integersLiteral(refs)})`
}
