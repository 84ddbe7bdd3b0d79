import type { Interval } from '../../units.ts'
import type { Snapshot } from './database.ts'
import { type Columns, numberAt } from './row.ts'
import { rowsInSteps, rowsPerStep } from './rows-in-steps.ts'

/** A sum as the file has it: container, beginning in milliseconds, joules, milliseconds covered, samples, flags. */
const columns = 'container, begins_at_ms, energy_joules, covered_ms, samples, flags'
/** Where more containers than one in so many are wanted, all are read. */
const fewAreOneIn = 10

export type SumsQuery = {
  readonly levelSeconds: number
  /** Begins and ends with sums. */
  readonly during: Interval
  /** The numbers of containers that are wanted. */
  readonly containers: readonly number[]
}

/** Rows among which are all sums of these containers. A step reads some thousands of rows at most, and may find none. */
export function* sumRows(snapshot: Snapshot, query: SumsQuery): Generator<readonly Columns[]> {
  const [count = []] = snapshot.rows('SELECT count(*) FROM container')
  if (query.containers.length * fewAreOneIn > numberAt(count, 0)) yield* allRows(snapshot, query)
  else yield* rowsOfFew(snapshot, query)
}

function* allRows(snapshot: Snapshot, { levelSeconds, during }: SumsQuery): Generator<readonly Columns[]> {
  yield* rowsInSteps(snapshot, {
    sql: `SELECT ${columns} FROM energy_sum
          WHERE level_s = ?4 AND (begins_at_ms, container) > (?1, ?2) AND begins_at_ms < ?5
          ORDER BY begins_at_ms, container LIMIT ?3`,
    after: [during.from, -Infinity],
    values: [levelSeconds, during.to],
  })
}

/** Looks each container up in each sum's time. */
function* rowsOfFew(
  snapshot: Snapshot,
  { levelSeconds, during, containers }: SumsQuery,
): Generator<readonly Columns[]> {
  const [oldest = []] = snapshot.rows(
    'SELECT min(begins_at_ms) FROM energy_sum WHERE level_s = ? AND begins_at_ms >= ?',
    levelSeconds,
    during.from,
  )
  if (oldest[0] === null) return
  const lengthMs = levelSeconds * 1000
  for (let at = 0; at < containers.length; at += rowsPerStep) {
    const some = containers.slice(at, at + rowsPerStep)
    const stepMs = Math.max(1, Math.floor(rowsPerStep / some.length)) * lengthMs
    for (let from = numberAt(oldest, 0); from < during.to; from += stepMs) {
      yield snapshot.rows(
        `WITH RECURSIVE bucket (at) AS (VALUES (?1) UNION ALL SELECT at + ?2 FROM bucket WHERE at + ?2 < ?3)
         SELECT ${columns} FROM bucket CROSS JOIN json_each(?4) AS wanted CROSS JOIN energy_sum
         WHERE level_s = ?5 AND begins_at_ms = at AND container = wanted.value`,
        from,
        lengthMs,
        Math.min(from + stepMs, during.to),
        JSON.stringify(some),
        levelSeconds,
      )
    }
  }
}
