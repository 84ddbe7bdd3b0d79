import type { AnswerReader } from '../../intensity/answer-reader.ts'
import type { IntensityMethod } from '../../intensity/fact.ts'
import type { Figure } from '../../intensity/source-facts.ts'
import { instant } from '../../units.ts'

/** Pounds per megawatt hour in grams per kilowatt hour: a pound is 453.59237 g, exactly. */
const gramsPerKilowattHourPerPoundPerMegawattHour = 0.453_592_37

/** The signal: the operating margin's emissions of CO2. */
export const signalType = 'co2_moer'
const units = 'lbs_co2_per_mwh'

type Context = {
  /** The region that was asked for. */
  readonly region: string
  readonly kind: 'estimated' | 'forecast'
  readonly reader: AnswerReader
}

/**
 * The figures in an answer of `/v3/historical` or `/v3/forecast`, in gCO2 per kWh, ascending; none for a null. Throws
 * SourceError (`unexpected-answer`) for another region, signal or unit, and any shape that is not documented.
 */
export function readMarginalEmissions(json: unknown, { region, kind, reader }: Context): readonly Figure[] {
  const body = reader.object(json, 'a body')
  const meta = reader.object(body['meta'], 'meta')
  for (const [field, wanted] of [
    ['region', region],
    ['signal_type', signalType],
    ['units', units],
  ] as const) {
    if (meta[field] !== wanted) throw reader.unexpected(meta[field], `meta.${field}`, wanted)
  }
  const stepSeconds = reader.number(meta['data_point_period_seconds'], 'meta.data_point_period_seconds')
  if (!(stepSeconds > 0 && stepSeconds <= 3600)) {
    throw reader.unexpected(stepSeconds, 'meta.data_point_period_seconds', 'an hour or less')
  }
  const method: IntensityMethod = kind === 'forecast' ? { kind } : { kind, detail: modelOf(meta, reader) }

  return reader
    .list(body['data'], 'data')
    .flatMap((value): readonly Figure[] => {
      const point = reader.object(value, 'data')
      const from = reader.time(point['point_time'], 'point_time')
      const pounds = reader.numberOrNull(point['value'], 'value')
      if (pounds === undefined) return []
      const valid = { from, to: instant(from + stepSeconds * 1000) }
      return [{ valid, grams: pounds * gramsPerKilowattHourPerPoundPerMegawattHour, method }]
    })
    .sort((a, b) => a.valid.from - b.valid.from)
}

/** No one measures what a further kilowatt hour would have emitted: it is a model's estimate. */
function modelOf(meta: Readonly<Record<string, unknown>>, reader: AnswerReader): string {
  if (meta['model'] === undefined) return signalType
  const model = reader.object(meta['model'], 'meta.model')
  return `${signalType} ${reader.text(model['date'], 'meta.model.date')}`
}

const longestZeroMs = 3_600_000

/**
 * The figures without runs of exact zeros that last for more than an hour: on 2026-04-22 the service told 0 for every
 * region for more than ten hours.
 */
export function withoutLongZeros(ascending: readonly Figure[]): readonly Figure[] {
  const kept: Figure[] = []
  let zeros: Figure[] = []
  const endRun = () => {
    const [first] = zeros
    const last = zeros.at(-1)
    const isLong =
      first !== undefined && last !== undefined && last.valid.to - first.valid.from > longestZeroMs
    if (!isLong) kept.push(...zeros)
    zeros = []
  }
  for (const figure of ascending) {
    if (figure.grams === 0) {
      zeros.push(figure)
    } else {
      endRun()
      kept.push(figure)
    }
  }
  endRun()
  return kept
}
