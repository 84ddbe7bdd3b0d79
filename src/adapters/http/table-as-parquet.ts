import { ByteWriter, type ColumnSource, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'
import type { EmissionsTable, TableCell, TableColumn } from './emissions-table.ts'

/** Some ten milliseconds of work. */
const rowsPerGroup = 5000

/**
 * A table as a Parquet file, in pieces: times as milliseconds UTC, numbers as doubles, text as UTF-8. A row group is
 * held at once, and not the file.
 */
export function* parquetOf({ columns, rows }: EmissionsTable): Generator<Uint8Array> {
  const bytes = new ByteWriter()
  const writer = new ParquetWriter({
    writer: bytes,
    schema: schemaFromColumnData({ columnData: columnsOf(columns, []) }),
    createdBy: 'co2-api',
  })
  let waiting: (readonly TableCell[])[] = []

  function* writtenGroup() {
    const columnData = columnsOf(columns, waiting).map(({ name, data }) => ({ name, data }))
    waiting = []
    // Nothing is waited for: the writer's own buffer takes all of it.
    void writer.write({ columnData, rowGroupSize: rowsPerGroup })
    yield taken(bytes)
  }

  for (const row of rows) {
    waiting.push(row)
    if (waiting.length === rowsPerGroup) yield* writtenGroup()
  }
  if (waiting.length > 0) yield* writtenGroup()
  void writer.finish()
  yield taken(bytes)
}

/** What was written since the last time. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice()
  writer.index = 0
  return bytes
}

const types = { time: 'TIMESTAMP', text: 'STRING', number: 'DOUBLE', integer: 'INT32' } as const

function columnsOf(columns: readonly TableColumn[], rows: readonly (readonly TableCell[])[]): ColumnSource[] {
  return columns.map(({ name, type }, at) => ({
    name,
    type: types[type],
    nullable: type !== 'time',
    data: rows.map((row) => {
      const cell = row[at] ?? null
      return type === 'time' && typeof cell === 'number' ? new Date(cell) : cell
    }),
  }))
}
