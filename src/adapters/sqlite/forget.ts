import { setImmediate as nextTurn } from 'node:timers/promises'
import { multipleBefore, sumLevelsSeconds } from '../../energy/sum-levels.ts'
import { type Instant, instant } from '../../units.ts'
import type { Containers } from './containers.ts'
import type { Database } from './database.ts'
import { numberIn } from './row.ts'
import { sampleCursor } from './sample-cursor.ts'

const rowsPerStep = 5000
const containersPerStep = 500
/** A container is relieved of so much time in one step, when it holds much that has expired. */
const millisecondsPerStep = 24 * 3_600_000

/**
 * Deletes what ended before `before`: samples and their sums, gaps, what was set aside, and then the containers and nodes of which
 * nothing is left, in steps that leave time to others. The file keeps its size, and uses the room again. Facts about
 * intensities stay. Resolves with the number of samples that were deleted.
 */
export async function forgetBefore(
  database: Database,
  { containers, before }: { readonly containers: Containers; readonly before: Instant },
  signal: AbortSignal,
): Promise<number> {
  let forgotten = 0
  /** Repeats a step until it has nothing left to do. */
  const untilDone = async (step: () => number) => {
    let total = 0
    for (let changed = -1; changed !== 0; ) {
      signal.throwIfAborted()
      changed = step()
      total += changed
      await nextTurn()
    }
    return total
  }

  for (const node of idsIn(database, 'SELECT id FROM node')) {
    forgotten += await untilDone(() => forgetRecent(database, node, before))
  }
  for await (const ids of containerIds(database, signal)) {
    forgotten += await forgetSettled(database, { ids, before }, signal)
  }
  for (const seconds of sumLevelsSeconds) {
    await untilDone(() => forgetSums(database, { seconds, before }))
  }
  database.run('DELETE FROM long_sample WHERE ends_at_ms < ?', before)
  database.run('DELETE FROM sums_to_make WHERE until_ms <= ?', before)
  await untilDone(() =>
    database.run(
      `DELETE FROM gap WHERE (ends_at_ms, container, component, begins_at_ms, cause) IN
       (SELECT ends_at_ms, container, component, begins_at_ms, cause FROM gap WHERE ends_at_ms < ? LIMIT ?)`,
      before,
      rowsPerStep,
    ),
  )
  database.run('DELETE FROM set_aside WHERE set_aside_at_ms < ?', before)
  database.run('DELETE FROM node_state WHERE at_ms < ?', before)
  for await (const ids of containerIds(database, signal)) {
    database.transaction(() => forgetEmpty(database, ids, before))
    containers.forget()
  }
  database.run(
    `DELETE FROM node WHERE NOT EXISTS (SELECT 1 FROM container WHERE container.node = node.id)
     AND NOT EXISTS (SELECT 1 FROM node_state WHERE node_state.node = node.id)`,
  )
  containers.forget()
  return forgotten
}

/** The numbers of all containers, some at a time; others may add and remove some in between. */
async function* containerIds(database: Database, signal: AbortSignal): AsyncGenerator<readonly number[]> {
  let last = 0
  for (;;) {
    signal.throwIfAborted()
    const ids = idsIn(
      database,
      'SELECT id FROM container WHERE id > ? ORDER BY id LIMIT ?',
      last,
      containersPerStep,
    )
    if (ids.length > 0) yield ids
    if (ids.length < containersPerStep) return
    last = ids.at(-1) ?? last
    await nextTurn()
  }
}

function idsIn(database: Database, sql: string, ...values: readonly number[]): readonly number[] {
  return database.all(sql, ...values).map((row) => numberIn(row, 'id'))
}

function forgetRecent(database: Database, node: number, before: Instant): number {
  return database.run(
    `DELETE FROM recent_sample WHERE (node, ends_at_ms, container) IN
     (SELECT node, ends_at_ms, container FROM recent_sample WHERE node = ? AND ends_at_ms < ? LIMIT ?)`,
    node,
    before,
    rowsPerStep,
  )
}

/** A sum goes when all of its time has passed. */
function forgetSums(
  database: Database,
  { seconds, before }: { readonly seconds: number; readonly before: Instant },
): number {
  return database.run(
    `DELETE FROM energy_sum WHERE (level_s, begins_at_ms, container) IN
     (SELECT level_s, begins_at_ms, container FROM energy_sum WHERE level_s = ? AND begins_at_ms <= ? LIMIT ?)`,
    seconds,
    before - seconds * 1000,
    rowsPerStep,
  )
}

/** Several containers in a transaction, until it has many rows. */
async function forgetSettled(
  database: Database,
  { ids, before }: { readonly ids: readonly number[]; readonly before: Instant },
  signal: AbortSignal,
): Promise<number> {
  let forgotten = 0
  let next = 0
  while (next < ids.length) {
    signal.throwIfAborted()
    forgotten += database.transaction(() => {
      let inStep = 0
      while (next < ids.length && inStep < rowsPerStep) {
        const deleted = forgetOldestDay(database, ids[next] ?? 0, before)
        inStep += deleted
        if (deleted === 0) next += 1
      }
      return inStep
    })
    await nextTurn()
  }
  return forgotten
}

function forgetOldestDay(database: Database, container: number, before: Instant): number {
  return database.run(
    `DELETE FROM settled_sample WHERE container = ?1 AND ends_at_ms < min(?2,
       (SELECT min(ends_at_ms) FROM settled_sample WHERE container = ?1) + ?3)`,
    container,
    before,
    millisecondsPerStep,
  )
}

const always = { from: instant(-Infinity), to: instant(Infinity) }

function forgetEmpty(database: Database, ids: readonly number[], before: Instant): void {
  const candidates = database.all(
    `SELECT id, node FROM container c WHERE id BETWEEN ? AND ?
     AND NOT EXISTS (SELECT 1 FROM settled_sample WHERE container = c.id)
     AND NOT EXISTS (SELECT 1 FROM gap WHERE container = c.id)`,
    ids[0] ?? 0,
    ids.at(-1) ?? 0,
  )
  for (const row of candidates) {
    const id = numberIn(row, 'id')
    const container = { id, nodeId: numberIn(row, 'node'), node: '', containerId: '' }
    const cursor = sampleCursor(database, container, {
      direction: 'newest-first',
      range: always,
      samplesPerRead: 1,
    })
    cursor.readMore()
    if (cursor.buffered.length > 0) continue
    forgetLastSums(database, id, before)
    database.run('DELETE FROM container WHERE id = ?', id)
  }
}

/** The sums in whose time `before` lies, lest another container that gets this number has them. */
function forgetLastSums(database: Database, container: number, before: Instant): void {
  for (const seconds of sumLevelsSeconds) {
    database.run(
      'DELETE FROM energy_sum WHERE level_s = ? AND begins_at_ms = ? AND container = ?',
      seconds,
      multipleBefore(before, seconds),
      container,
    )
  }
  database.run('DELETE FROM sums_to_make WHERE container = ?', container)
}
