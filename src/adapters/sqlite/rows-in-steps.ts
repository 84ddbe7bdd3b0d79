import type { SQLInputValue } from 'node:sqlite'
import type { Snapshot } from './database.ts'
import { type Columns, numberAt } from './row.ts'

export const rowsPerStep = 5000

export type SteppedQuery = {
  /**
   * Its first columns are a container and a time, by which its rows are ordered: the time first. `?1` and `?2` stand
   * for the time and the container that it goes on after, `?3` for how many rows; `values` begin with `?4`.
   */
  readonly sql: string
  readonly after: readonly [time: number, container: number]
  readonly values: readonly SQLInputValue[]
}

/** All rows of a query, some thousands at a time; the last step may find none. */
export function* rowsInSteps(snapshot: Snapshot, query: SteppedQuery): Generator<readonly Columns[]> {
  let { after } = query
  for (let isMore = true; isMore; ) {
    const rows = snapshot.rows(query.sql, ...after, rowsPerStep, ...query.values)
    const last = rows.at(-1)
    if (last !== undefined) after = [numberAt(last, 1), numberAt(last, 0)]
    isMore = rows.length === rowsPerStep
    yield rows
  }
}
