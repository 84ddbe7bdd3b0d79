import { longSampleMs } from '../../energy/sum-levels.ts'
import { type Interval, instant } from '../../units.ts'
import type { Snapshot } from './database.ts'
import type { Columns } from './row.ts'
import { rowsInSteps, rowsPerStep } from './rows-in-steps.ts'

/** A sample as the file has it: container, end and length in milliseconds, joules, flags. */
const columns = 'container, ends_at_ms, lasts_ms, energy_joules, flags'
/** Containers without a sample in that time that are asked in one step. */
const containersPerStep = 500

/** Of which time the samples of a container are wanted. */
export type WantedTime = { readonly nodeId: number; readonly during: Interval }

/**
 * Rows among which are, once each, the samples of these containers that share time with what is wanted of them, but for
 * the long ones. Other samples are beside them. A step reads some thousands of rows at most, and may find none.
 */
export function* sampleRows(
  snapshot: Snapshot,
  wanted: ReadonlyMap<number, WantedTime>,
): Generator<readonly Columns[]> {
  yield* recentRows(snapshot, wanted)
  yield* settledRows(snapshot, wanted)
}

/** Node after node in the order of time, the samples of all its containers. */
function* recentRows(
  snapshot: Snapshot,
  wanted: ReadonlyMap<number, WantedTime>,
): Generator<readonly Columns[]> {
  const nodes = new Map<number, Interval>()
  for (const { nodeId, during } of wanted.values()) nodes.set(nodeId, around(during, nodes.get(nodeId)))
  for (const [node, { from, to }] of nodes) {
    yield* rowsInSteps(snapshot, {
      sql: `SELECT ${columns} FROM recent_sample
            WHERE node = ?4 AND (ends_at_ms, container) > (?1, ?2) AND ends_at_ms <= ?5 AND lasts_ms <= ?6
            ORDER BY ends_at_ms, container LIMIT ?3`,
      after: [from, Infinity],
      values: [node, to + longSampleMs, longSampleMs],
    })
  }
}

function around(during: Interval, other = during): Interval {
  return {
    from: instant(Math.min(during.from, other.from)),
    to: instant(Math.max(during.to, other.to)),
  }
}

function* settledRows(
  snapshot: Snapshot,
  wanted: ReadonlyMap<number, WantedTime>,
): Generator<readonly Columns[]> {
  let found: Columns[] = []
  let asked = 0
  for (const [container, { during }] of wanted) {
    const steps = rowsInSteps(snapshot, {
      sql: `SELECT ${columns} FROM settled_sample
            WHERE container = ?4 AND ends_at_ms > ?1 AND ends_at_ms <= ?5 AND lasts_ms <= ?6
            ORDER BY ends_at_ms LIMIT ?3`,
      after: [during.from, container],
      values: [container, during.to + longSampleMs, longSampleMs],
    })
    for (const rows of steps) {
      found.push(...rows)
      asked += 1
      if (found.length < rowsPerStep && asked < containersPerStep) continue
      yield found
      found = []
      asked = 0
    }
  }
  yield found
}

/** The long samples of all containers that share time with `during`, in the same columns. */
export function* longSampleRows(snapshot: Snapshot, { from, to }: Interval): Generator<readonly Columns[]> {
  yield* rowsInSteps(snapshot, {
    sql: `SELECT ${columns} FROM long_sample
          WHERE (ends_at_ms, container) > (?1, ?2) AND ends_at_ms - lasts_ms < ?4
          ORDER BY ends_at_ms, container LIMIT ?3`,
    after: [from, Infinity],
    values: [to],
  })
}
