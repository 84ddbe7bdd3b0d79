import { longSampleMs } from '../../energy/sum-levels.ts'
import { type Interval, instant } from '../../units.ts'
import type { Snapshot } from './database.ts'
import { type Columns, numberAt } from './row.ts'

/** A sample as the file has it: container, end and length in milliseconds, joules, flags. */
const columns = 'container, ends_at_ms, lasts_ms, energy_joules, flags'
const rowsPerStep = 5000
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
    let after: readonly [end: number, container: number] = [from, Infinity]
    for (let isMore = true; isMore; ) {
      const rows = snapshot.rows(
        `SELECT ${columns} FROM recent_sample
         WHERE node = ? AND (ends_at_ms, container) > (?, ?) AND ends_at_ms <= ? AND lasts_ms <= ?
         ORDER BY ends_at_ms, container LIMIT ?`,
        node,
        ...after,
        to + longSampleMs,
        longSampleMs,
        rowsPerStep,
      )
      const last = rows.at(-1)
      if (last !== undefined) after = [numberAt(last, 1), numberAt(last, 0)]
      isMore = rows.length === rowsPerStep
      yield rows
    }
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
    let after: number = during.from
    for (let isMore = true; isMore; ) {
      const rows = snapshot.rows(
        `SELECT ${columns} FROM settled_sample
         WHERE container = ? AND ends_at_ms > ? AND ends_at_ms <= ? AND lasts_ms <= ? ORDER BY ends_at_ms LIMIT ?`,
        container,
        after,
        during.to + longSampleMs,
        longSampleMs,
        rowsPerStep,
      )
      const last = rows.at(-1)
      if (last !== undefined) after = numberAt(last, 1)
      isMore = rows.length === rowsPerStep
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
  let after: readonly [end: number, container: number] = [from, Infinity]
  for (let isMore = true; isMore; ) {
    const rows = snapshot.rows(
      `SELECT ${columns} FROM long_sample
       WHERE (ends_at_ms, container) > (?, ?) AND ends_at_ms - lasts_ms < ?
       ORDER BY ends_at_ms, container LIMIT ?`,
      ...after,
      to,
      rowsPerStep,
    )
    const last = rows.at(-1)
    if (last !== undefined) after = [numberAt(last, 1), numberAt(last, 0)]
    isMore = rows.length === rowsPerStep
    yield rows
  }
}
