import { setImmediate as nextTurn } from 'node:timers/promises'
import type { TrailSample } from '../../energy/counter-trail.ts'
import type { Interval } from '../../units.ts'
import { namesIn } from './containers.ts'
import type { Database } from './database.ts'
import { numberIn, type Row } from './row.ts'
import { sampleCursor, storedContainerIn } from './sample-cursor.ts'

const samplesPerRead = 2000
const containersPerRead = 500

/**
 * Samples of all containers that end in `(from, to]`, container by container, oldest first. Others may write between two
 * portions.
 */
export async function* trailWithin(
  database: Database,
  during: Interval,
  signal: AbortSignal,
): AsyncGenerator<readonly TrailSample[]> {
  for (let id = 0; ; ) {
    signal.throwIfAborted()
    const rows = containersAfter(database, id)
    for (const row of rows) yield* trailOf(database, row, { during, signal })
    const last = rows.at(-1)
    if (last === undefined || rows.length < containersPerRead) return
    id = numberIn(last, 'id')
  }
}

function containersAfter(database: Database, id: number): readonly Row[] {
  return database.all(
    `SELECT container.id, node, node.name, container_id, namespace, pod, container, named_at_ms
     FROM container JOIN node ON node.id = node WHERE container.id > ? ORDER BY container.id LIMIT ?`,
    id,
    containersPerRead,
  )
}

async function* trailOf(
  database: Database,
  row: Row,
  { during, signal }: { readonly during: Interval; readonly signal: AbortSignal },
): AsyncGenerator<readonly TrailSample[]> {
  const workload = namesIn(row)
  const cursor = sampleCursor(database, storedContainerIn(row), {
    direction: 'oldest-first',
    range: during,
    samplesPerRead,
  })
  while (!cursor.isAtEnd) {
    cursor.readMore()
    const samples = cursor.buffered
      // The cursor gives both ends of its range.
      .filter((sample) => sample.during.to > during.from)
      .map((sample) => ({ ...sample, workload }))
    cursor.buffered = []
    if (samples.length > 0) yield samples
    await nextTurn()
    signal.throwIfAborted()
  }
}
