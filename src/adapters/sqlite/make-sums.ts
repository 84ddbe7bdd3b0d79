import { setImmediate as nextTurn } from 'node:timers/promises'
import { addToSums, type ContainerSums } from '../../energy/energy-sums.ts'
import {
  coarsestSumSeconds,
  finestSumSeconds,
  longSampleMs,
  multipleAfter,
  multipleBefore,
  sumsReadyUntil,
} from '../../energy/sum-levels.ts'
import { type Instant, type Interval, instant } from '../../units.ts'
import type { Database } from './database.ts'
import { isNull, numberAt, numberIn } from './row.ts'
import { sampleRows } from './sample-rows.ts'

/** Containers whose sums are made again at a time. */
const outdatedPerStep = 500
/** A file of years is summed up in many turns, so that the process has time for other things. */
const samplesPerTurn = 2_000_000
/** Containers whose sums are written in one transaction. */
const containersPerTransaction = 500

/**
 * Makes the sums of the time that has passed since the last turn, and those again that samples have come for since they
 * were made. Others may read and write meanwhile: what they write is in these sums, or its container in `sums_to_make`.
 * Resolves with the number of samples that were summed up.
 */
export async function makeSums(database: Database, now: Instant, signal: AbortSignal): Promise<number> {
  const latest = sumsReadyUntil(now)
  let samples = 0
  const next = [() => makeNew(database, latest, signal), () => makeAgain(database, signal)]
  for (const makeNext of next) {
    while (samples < samplesPerTurn) {
      signal.throwIfAborted()
      const found = await makeNext()
      if (found === undefined) break
      samples += found
    }
  }
  return samples
}

/**
 * The sums of the next hour, or of as much of it as has passed; undefined when they are there. Those of all containers
 * are held in memory meanwhile.
 */
async function makeNew(
  database: Database,
  latest: Instant,
  signal: AbortSignal,
): Promise<number | undefined> {
  const from = madeUntil(database) ?? hourOfNextSample(database, instant(-Infinity))
  if (from === undefined || from >= latest) return undefined
  const to = instant(Math.min(latest, multipleAfter(from + 1, coarsestSumSeconds)))
  // From now on, whoever writes a sample of that time says so.
  database.run(
    `INSERT INTO sums_made (only_row, made_until_ms, making_until_ms) VALUES (1, ?1, ?2)
     ON CONFLICT DO UPDATE SET making_until_ms = max(making_until_ms, ?2)`,
    from,
    to,
  )
  const containers = new Map(
    database.all('SELECT id, node FROM container').map((row) => [numberIn(row, 'id'), numberIn(row, 'node')]),
  )
  const samples = await sumUp(database, { containers, during: { from, to } }, signal)
  const hour = multipleBefore(from, coarsestSumSeconds)
  if (to === multipleBefore(to, coarsestSumSeconds)) {
    const inHour = database.all(
      'SELECT DISTINCT container AS id FROM energy_sum WHERE level_s = ? AND begins_at_ms >= ? AND begins_at_ms < ?',
      finestSumSeconds,
      hour,
      to,
    )
    await addUpHour(database, { hour, containers: inHour.map((row) => numberIn(row, 'id')) }, signal)
  }
  database.transaction(() => {
    // Nothing is made of time that holds nothing, be it years.
    const next = samples > 0 ? to : Math.min(latest, hourOfNextSample(database, to) ?? latest)
    database.run(
      `UPDATE sums_made SET made_until_ms = max(made_until_ms, ?1), making_until_ms = max(making_until_ms, ?1)`,
      Math.max(to, next),
    )
  })
  return samples
}

/**
 * The sums of the first hour among those that are to be made again, of some of their containers. A container that is
 * touched by others meanwhile remains.
 */
async function makeAgain(database: Database, signal: AbortSignal): Promise<number | undefined> {
  const until = madeUntil(database) ?? instant(-Infinity)
  const rows = database.all(
    `SELECT sums_to_make.*, node FROM sums_to_make JOIN container ON id = sums_to_make.container
     WHERE from_ms < ? ORDER BY from_ms LIMIT ?`,
    until,
    outdatedPerStep,
  )
  const [first] = rows
  if (first === undefined) return undefined
  const from = instant(numberIn(first, 'from_ms'))
  const hour = multipleBefore(from, coarsestSumSeconds)
  const nextHour = multipleAfter(from + 1, coarsestSumSeconds)
  const to = instant(Math.min(until, nextHour))
  const group = rows.filter((row) => numberIn(row, 'from_ms') < to)
  const containers = new Map(group.map((row) => [numberIn(row, 'container'), numberIn(row, 'node')]))
  const samples = await sumUp(database, { containers, during: { from, to } }, signal)
  if (nextHour <= until) await addUpHour(database, { hour, containers: [...containers.keys()] }, signal)
  database.transaction(() => {
    for (const row of group) {
      const [container, touched] = [numberIn(row, 'container'), numberIn(row, 'touched')]
      const isAllMade = numberIn(row, 'until_ms') <= to
      if (isAllMade) {
        database.run('DELETE FROM sums_to_make WHERE container = ? AND touched = ?', container, touched)
      } else {
        database.run(
          'UPDATE sums_to_make SET from_ms = ? WHERE container = ? AND touched = ?',
          to,
          container,
          touched,
        )
      }
    }
  })
  return samples
}

function madeUntil(database: Database): Instant | undefined {
  const row = database.get('SELECT made_until_ms FROM sums_made')
  return row === undefined ? undefined : instant(numberIn(row, 'made_until_ms'))
}

/** The hour in which the next sample begins that ends after `at`, or an earlier one; undefined when there is none. */
function hourOfNextSample(database: Database, at: Instant): Instant | undefined {
  const row =
    database.get(
      `SELECT min(ends_at) AS ends_at FROM (
         SELECT (SELECT min(ends_at_ms) FROM settled_sample WHERE container = c.id AND ends_at_ms > ?1) AS ends_at
         FROM container c
         UNION ALL
         SELECT (SELECT min(ends_at_ms) FROM recent_sample WHERE node = n.id AND ends_at_ms > ?1) FROM node n
       )`,
      at,
    ) ?? {}
  return isNull(row, 'ends_at')
    ? undefined
    : multipleBefore(numberIn(row, 'ends_at') - longSampleMs, coarsestSumSeconds)
}

type Work = {
  /** The nodes of containers, by the numbers of both. */
  readonly containers: ReadonlyMap<number, number>
  readonly during: Interval
}

/** Writes the shortest sums of these containers, from their samples. */
async function sumUp(database: Database, { containers, during }: Work, signal: AbortSignal): Promise<number> {
  const sums = new Map<number, ContainerSums>()
  let samples = 0
  {
    using snapshot = database.snapshot()
    const wanted = new Map(Array.from(containers, ([id, nodeId]) => [id, { nodeId, during }]))
    for (const rows of sampleRows(snapshot, wanted)) {
      for (const row of rows) {
        const container = numberAt(row, 0)
        const to = numberAt(row, 1)
        const from = to - numberAt(row, 2)
        if (!wanted.has(container) || from >= during.to || to <= during.from) continue
        samples += 1
        const ofContainer = sums.get(container) ?? new Map()
        sums.set(container, ofContainer)
        addToSums(
          ofContainer,
          { from, to, joules: numberAt(row, 3), samples: 1, flagBits: numberAt(row, 4) },
          during,
        )
      }
      await nextTurn()
      signal.throwIfAborted()
    }
  }
  const made = [...sums]
  for (let at = 0; at < made.length; at += containersPerTransaction) {
    database.transaction(() => {
      for (const [container, ofContainer] of made.slice(at, at + containersPerTransaction))
        putSums(database, container, ofContainer)
    })
    await nextTurn()
    signal.throwIfAborted()
  }
  return samples
}

function putSums(database: Database, container: number, sums: ContainerSums): void {
  for (const [from, { joules, coveredMs, samples, flagBits }] of sums) {
    database.run(
      `INSERT OR REPLACE INTO energy_sum (level_s, begins_at_ms, container, energy_joules, covered_ms, samples, flags)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      finestSumSeconds,
      from,
      container,
      joules,
      coveredMs,
      samples,
      flagBits,
    )
  }
}

/** SQLite has no aggregate for bits. */
const anyFlags = [1, 2, 4, 8, 16, 32, 64, 128].map((bit) => `max(flags & ${bit})`).join(' | ')

/** Writes the sums of these containers for an hour, from its shortest sums. */
async function addUpHour(
  database: Database,
  { hour, containers }: { readonly hour: Instant; readonly containers: readonly number[] },
  signal: AbortSignal,
): Promise<void> {
  for (let at = 0; at < containers.length; at += containersPerTransaction) {
    database.run(
      `WITH RECURSIVE bucket (at) AS (VALUES (?1) UNION ALL SELECT at + ?2 FROM bucket WHERE at + ?2 < ?1 + ?3)
       INSERT OR REPLACE INTO energy_sum (level_s, begins_at_ms, container, energy_joules, covered_ms, samples, flags)
       SELECT ?3 / 1000, ?1, container, sum(energy_joules), sum(covered_ms), sum(samples), ${anyFlags}
       FROM json_each(?4) AS wanted CROSS JOIN bucket CROSS JOIN energy_sum
       WHERE level_s = ?2 / 1000 AND begins_at_ms = bucket.at AND container = wanted.value GROUP BY container`,
      hour,
      finestSumSeconds * 1000,
      coarsestSumSeconds * 1000,
      JSON.stringify(containers.slice(at, at + containersPerTransaction)),
    )
    await nextTurn()
    signal.throwIfAborted()
  }
}
