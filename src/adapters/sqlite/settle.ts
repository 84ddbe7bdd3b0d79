import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Instant, instant } from '../../units.ts'
import type { Containers } from './containers.ts'
import type { Database } from './database.ts'
import { numberIn } from './row.ts'

/** Rows that move in one transaction; others wait for it, some 60 ms. */
const rowsPerStep = 50_000

/**
 * Moves what ended at `until` or before from the order of time into the order of containers, where long ranges are
 * read from and where it takes the least room. Resolves with the number of samples that were moved.
 */
export async function settle(
  database: Database,
  { containers, until }: { readonly containers: Containers; readonly until: Instant },
  signal: AbortSignal,
): Promise<number> {
  let moved = 0
  for (const row of database.all('SELECT id FROM node ORDER BY id')) {
    const node = numberIn(row, 'id')
    for (;;) {
      signal.throwIfAborted()
      const end = endOfStep(database, node, until)
      if (end === undefined) break
      moved += moveUntil(database, node, end)
      containers.forget()
      await nextTurn()
    }
  }
  return moved
}

/** The scrape with which a step ends: the last that still fits, and at least the first. */
function endOfStep(database: Database, node: number, until: Instant): Instant | undefined {
  const ends = 'SELECT ends_at_ms FROM recent_sample WHERE node = ?1 AND ends_at_ms <= ?2'
  const tooMuch = database.get(`${ends} ORDER BY ends_at_ms LIMIT 1 OFFSET ?3`, node, until, rowsPerStep)
  const last =
    tooMuch === undefined
      ? database.get(`${ends} ORDER BY ends_at_ms DESC LIMIT 1`, node, until)
      : (database.get(
          `${ends} AND ends_at_ms < ?3 ORDER BY ends_at_ms DESC LIMIT 1`,
          node,
          until,
          numberIn(tooMuch, 'ends_at_ms'),
        ) ?? tooMuch)
  return last === undefined ? undefined : instant(numberIn(last, 'ends_at_ms'))
}

function moveUntil(database: Database, node: number, end: Instant): number {
  return database.transaction(() => {
    database.run(
      `INSERT INTO settled_sample
       SELECT container, ends_at_ms, lasts_ms, energy_joules, counter_joules, flags FROM recent_sample
       WHERE node = ? AND ends_at_ms <= ? ORDER BY container, ends_at_ms`,
      node,
      end,
    )
    database.run('UPDATE node SET settled_until_ms = ? WHERE id = ?', end, node)
    return database.run('DELETE FROM recent_sample WHERE node = ? AND ends_at_ms <= ?', node, end)
  })
}
