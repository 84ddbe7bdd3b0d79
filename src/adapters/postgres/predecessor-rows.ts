import { numberAt, type Row } from './columns.ts'

/** The node of the predecessor's rows: it kept none. */
export const predecessorNode = ''

/**
 * Whether a row, the first column of which is its time, is no repetition of one before it. A failed write was tried
 * again by the predecessor with all its rows: to the same microsecond, with the same figures. `columns` are those of
 * the figures, and of the names where rows of several workloads are read. Not the number of a container, which Citus
 * gives to each row.
 */
export function createRepetitionFilter(columns: readonly number[]): (row: Row) => boolean {
  let at: number | undefined
  const seen = new Set<string>()
  return (row) => {
    const end = numberAt(row, 0)
    if (end !== at) seen.clear()
    at = end
    // No text of PostgreSQL holds that character.
    const key = columns.map((column) => row[column]).join('\0')
    if (seen.has(key)) return false
    seen.add(key)
    return true
  }
}
