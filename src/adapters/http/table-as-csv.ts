import { stringify } from 'csv-stringify/sync'
import { instant, isoWithMicroseconds } from '../../units.ts'
import type { EmissionsTable, TableCell, TableColumn } from './emissions-table.ts'

const rowsPerPiece = 500

/**
 * A table as CSV (RFC 4180 but for line feeds alone), in pieces. Text that a spreadsheet would take for a formula
 * begins with an apostrophe; what is null is empty.
 */
export function* csvOf({ columns, rows }: EmissionsTable): Generator<string> {
  let piece: readonly (readonly TableCell[])[] = [columns.map(({ name }) => name)]
  let waiting: (readonly TableCell[])[] = []
  for (const row of rows) {
    waiting.push(row.map((cell, at) => written(cell, columns[at])))
    if (waiting.length < rowsPerPiece) continue
    yield textOf([...piece, ...waiting])
    piece = []
    waiting = []
  }
  if (piece.length + waiting.length > 0) yield textOf([...piece, ...waiting])
}

function written(cell: TableCell, column: TableColumn | undefined): TableCell {
  return column?.type === 'time' && typeof cell === 'number' ? isoWithMicroseconds(instant(cell)) : cell
}

function textOf(rows: readonly (readonly TableCell[])[]): string {
  return stringify(
    rows.map((row) => [...row]),
    { escape_formulas: true },
  )
}
