import { CsvError, parse } from 'csv-parse/sync'

/** One row of an intensity file as it was written, cut into its four fields. */
export type IntensityRow = {
  /** Counted from 1; the last one of a row that spans several. */
  readonly line: number
  readonly zone: string
  readonly from: string
  readonly to: string
  readonly intensity: string
}

export type IntensityRows =
  | { readonly kind: 'ok'; readonly rows: readonly IntensityRow[]; readonly problems: readonly RowProblem[] }
  /** The file as a whole cannot be read as such a table. */
  | { readonly kind: 'unreadable'; readonly problem: RowProblem }

export type RowProblem = { readonly line: number; readonly why: string }

type NumberedRecord = { readonly line: number; readonly cells: readonly string[] }

/** Lower case, as headers are compared. */
const intensityColumns = ['g_per_kwh', 'g/kwh', 'gco2e/kwh']
const acceptedHeader = 'zone,from,to,g_per_kwh (or g/kWh or gCO2e/kWh), each once and in any order'

/**
 * The rows of a CSV text with a header row. Columns are found by name, in any case; columns of other names are
 * left alone, so that a note or a reference can stand beside each figure.
 */
export function readIntensityRows(csv: string): IntensityRows {
  const records: NumberedRecord[] = []
  try {
    parse(csv, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      on_record: (cells: string[], { lines }) => {
        records.push({ line: lines, cells })
        return null
      },
    })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    return {
      kind: 'unreadable',
      problem: { line: (records.at(-1)?.line ?? 0) + 1, why: `is no CSV: ${error.message}` },
    }
  }
  const [header, ...rows] = records
  if (header === undefined)
    return unreadableHeader(1, `is missing; accepted is a header row of ${acceptedHeader}`)
  return readRecords(header, rows)
}

function readRecords(header: NumberedRecord, records: readonly NumberedRecord[]): IntensityRows {
  const names = header.cells.map((name) => name.toLowerCase())
  const held = `'${header.cells.join()}'`
  const placeOf = (accepted: readonly string[]) => {
    const places = names.flatMap((name, place) => (accepted.includes(name) ? [place] : []))
    return places.length === 1 ? places[0] : undefined
  }
  const [zone, from, to, intensity] = [['zone'], ['from'], ['to'], intensityColumns].map(placeOf)
  if (zone === undefined || from === undefined || to === undefined || intensity === undefined) {
    return unreadableHeader(header.line, `header is ${held}; accepted is ${acceptedHeader}`)
  }

  const rows: IntensityRow[] = []
  const problems: RowProblem[] = []
  for (const { line, cells } of records) {
    if (cells.length === names.length) {
      const cell = (place: number) => cells[place] ?? ''
      rows.push({ line, zone: cell(zone), from: cell(from), to: cell(to), intensity: cell(intensity) })
    } else {
      const why = `row '${cells.join()}' has ${cells.length} fields; accepted are ${names.length}, as in the header`
      problems.push({ line, why })
    }
  }
  return { kind: 'ok', rows, problems }
}

function unreadableHeader(line: number, why: string): IntensityRows {
  return { kind: 'unreadable', problem: { line, why } }
}
