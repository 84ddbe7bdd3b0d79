/** One row of an intensity file: a zone's intensity from one time until just before another. */
type Row = { readonly zone: string; readonly from: number; readonly to: number; readonly gramsPerKwh: string }

const dayMilliseconds = 86_400_000

/**
 * Turns one recorded day (`zone,from,to,g_per_kwh`, UTC) into a file of the same columns that covers the day
 * before `now`, its own and the day after, in UTC. What the recording lacks at the end of its day is filled with the
 * hours it has at the beginning: the figures are real, their date is not. Throws on a line it cannot read.
 */
export function repeatDayAround(now: number, recordedCsv: string): string {
  const rows = readRows(recordedCsv)
  const recordedDay = startOfDay(Math.min(...rows.map(({ from }) => from)))
  const wholeDay = [...Map.groupBy(rows, ({ zone }) => zone).values()].flatMap((ofZone) =>
    filledUp(ofZone, recordedDay),
  )
  const today = startOfDay(now)
  const lines = [-1, 0, 1].flatMap((days) => {
    const shift = today + days * dayMilliseconds - recordedDay
    return wholeDay.map(
      ({ zone, from, to, gramsPerKwh }) => `${zone},${iso(from + shift)},${iso(to + shift)},${gramsPerKwh}`,
    )
  })
  return `${['zone,from,to,g_per_kwh', ...lines].join('\n')}\n`
}

function readRows(csv: string): readonly Row[] {
  const [, ...lines] = csv.trim().split('\n')
  return lines.map((line) => {
    const [zone = '', from = '', to = '', gramsPerKwh = ''] = line.trim().split(',')
    const row = { zone, from: Date.parse(from), to: Date.parse(to), gramsPerKwh }
    if (zone !== '' && row.from < row.to && gramsPerKwh !== '') return row
    throw new Error(`not a row of recorded intensities: ${line}`)
  })
}

function filledUp(rows: readonly Row[], day: number): readonly Row[] {
  const end = Math.max(...rows.map(({ to }) => to))
  const dayEnd = day + dayMilliseconds
  const missing = rows
    .map((row) => ({ ...row, from: row.from + end - day, to: Math.min(row.to + end - day, dayEnd) }))
    .filter(({ from }) => from < dayEnd)
  return [...rows, ...missing]
}

function startOfDay(time: number): number {
  return Math.floor(time / dayMilliseconds) * dayMilliseconds
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
