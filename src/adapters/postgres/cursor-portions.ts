import type { Row } from './columns.ts'
import type { Lease } from './database.ts'

export const rowsPerPortion = 2000

/** An answer in portions. Whoever leaves early leaves the connection to other statements. */
export async function* cursorPortions(
  lease: Lease,
  statement: string,
  values: readonly unknown[],
): AsyncGenerator<readonly Row[], void, undefined> {
  const cursor = lease.session.cursor(statement, values)
  let isDone = false
  try {
    for (;;) {
      const rows = await lease.during(cursor.read(rowsPerPortion))
      isDone = rows.length < rowsPerPortion
      if (rows.length > 0) yield rows
      if (isDone) return
    }
  } catch (error) {
    lease.giveUp()
    isDone = true
    throw error
  } finally {
    if (!isDone) await lease.during(cursor.close())
  }
}
