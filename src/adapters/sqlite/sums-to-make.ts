import { finestSumSeconds, multipleAfter, multipleBefore } from '../../energy/sum-levels.ts'
import type { Interval } from '../../units.ts'
import type { Database } from './database.ts'
import { numberIn } from './row.ts'

/** Takes down which sums no longer hold all samples, within the transaction that writes these. */
export type OutdatedSums = {
  /** A sample that was added, and is not long. */
  note(container: number, during: Interval): void
  /** Writes down what was noted. */
  keep(): void
}

export function createOutdatedSums(database: Database): OutdatedSums {
  const row = database.get('SELECT making_until_ms FROM sums_made')
  const makingUntil = row === undefined ? -Infinity : numberIn(row, 'making_until_ms')
  const noted = new Map<number, { from: number; until: number }>()
  return {
    note(container, { from, to }) {
      if (from >= makingUntil) return
      const until = Math.min(to, makingUntil)
      const known = noted.get(container)
      if (known === undefined) {
        noted.set(container, { from, until })
        return
      }
      known.from = Math.min(known.from, from)
      known.until = Math.max(known.until, until)
    },

    keep() {
      for (const [container, { from, until }] of noted) {
        database.run(
          `INSERT INTO sums_to_make (container, from_ms, until_ms, touched) VALUES (?, ?, ?, 1)
           ON CONFLICT (container) DO UPDATE SET from_ms = min(from_ms, excluded.from_ms),
             until_ms = max(until_ms, excluded.until_ms), touched = touched + 1`,
          container,
          multipleBefore(from, finestSumSeconds),
          multipleAfter(until, finestSumSeconds),
        )
      }
    },
  }
}
