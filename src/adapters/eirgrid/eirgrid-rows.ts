import type { AnswerReader } from '../../intensity/answer-reader.ts'
import { type Figure, measuredOrForecast } from '../../intensity/source-facts.ts'
import { heldUntilNext } from '../../intensity/steps.ts'
import { instantsInOrder, type WallClock } from '../../intensity/wall-clock.ts'
import { type Instant, instant } from '../../units.ts'

/** One row of an answer; `shown` is the Irish local time, written as if it were UTC. */
type Row = {
  readonly kind: 'measured' | 'forecast'
  readonly shown: Instant
  readonly grams: number | undefined
}

/**
 * The figures of answers for days that follow each other: `{"Rows":[{"EffectiveTime":"05-Oct-2026 15:15:00",
 * "FieldName":"CO2_INTENSITY","Region":"ROI","Value":149}]}`. Rows of one field come in the order of time, so that
 * the hour that is repeated in autumn can be told from itself. Throws SourceError for any other shape.
 */
export function figuresIn(
  answers: readonly unknown[],
  clock: WallClock,
  read: AnswerReader,
): readonly Figure[] {
  const rows = answers.flatMap((answer) =>
    read
      .list(read.object(answer, 'a body')['Rows'], 'Rows')
      .map((row, index) => rowIn(row, `Rows[${index}]`, read)),
  )
  const measured = gramsByTime(rows, 'measured', clock)
  const forecast = gramsByTime(rows, 'forecast', clock)
  const times = [...new Set([...measured.keys(), ...forecast.keys()])].map((at) => ({ at }))
  return heldUntilNext(times).flatMap(({ at, valid }) =>
    measuredOrForecast(valid, measured.get(at), forecast.get(at)),
  )
}

function rowIn(row: unknown, field: string, read: AnswerReader): Row {
  const { EffectiveTime, FieldName, Region, Value } = read.object(row, field)
  if (Region !== 'ROI') throw read.unexpected(Region, `${field}.Region`, 'ROI')
  const name = read.text(FieldName, `${field}.FieldName`)
  const kind = kindOfField(name)
  if (kind === undefined) throw read.unexpected(name, `${field}.FieldName`, 'a CO2 intensity')
  const shown = shownTime(read.text(EffectiveTime, `${field}.EffectiveTime`))
  if (shown === undefined) throw read.unexpected(EffectiveTime, `${field}.EffectiveTime`, 'a time')
  return { kind, shown, grams: read.numberOrNull(Value, `${field}.Value`) }
}

/** Fields are written with and without underscores, in small letters and capitals. */
function kindOfField(name: string): Row['kind'] | undefined {
  switch (name.toLowerCase().replaceAll('_', '')) {
    case 'co2intensity':
      return 'measured'
    case 'co2intensityforecast':
    case 'co2forecast':
      return 'forecast'
    default:
      return undefined
  }
}

const shape = /^(\d{2})-([A-Z][a-z]{2})-(\d{4}) (\d{2}):(\d{2}):(\d{2})$/

export const monthNames = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
] as const

function shownTime(text: string): Instant | undefined {
  const [, day, monthName, year, hours, minutes, seconds] = shape.exec(text) ?? []
  const month = monthNames.findIndex((name) => name === monthName)
  if (month === -1) return undefined
  const at = Date.UTC(Number(year), month, Number(day), Number(hours), Number(minutes), Number(seconds))
  // A day or an hour that does not exist is carried over.
  const written = `${year}-${String(month + 1).padStart(2, '0')}-${day}T${hours}:${minutes}:${seconds}`
  return new Date(at).toISOString().startsWith(written) ? instant(at) : undefined
}

/** A row for an hour that the clocks leave out tells of no time, and is left out too. */
function gramsByTime(
  rows: readonly Row[],
  kind: Row['kind'],
  clock: WallClock,
): ReadonlyMap<Instant, number | undefined> {
  const ofKind = rows.filter((row) => row.kind === kind)
  const times = instantsInOrder(
    clock,
    ofKind.map(({ shown }) => shown),
  )
  return new Map(
    ofKind.flatMap(({ grams }, index) => {
      const at = times[index]
      return at === undefined ? [] : [[at, grams] as const]
    }),
  )
}
