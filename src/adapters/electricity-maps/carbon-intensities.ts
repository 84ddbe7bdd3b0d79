import type { AnswerReader } from '../../intensity/answer-reader.ts'
import type { IntensityMethod } from '../../intensity/fact.ts'
import type { Figure } from '../../intensity/source-facts.ts'
import { type Instant, instant } from '../../units.ts'

export type FactorType = 'lifecycle' | 'direct'

type Context = {
  /** The zone and the emission factors that were asked for. */
  readonly zone: string
  readonly factorType: FactorType
  readonly reader: AnswerReader
}

type Fields = Readonly<Record<string, unknown>>

const stepMsOf = new Map([
  ['5_minutes', 5 * 60_000],
  ['15_minutes', 15 * 60_000],
  ['hourly', 3_600_000],
])

/**
 * The figures of one answer: of a lone one (`carbon-intensity/latest`), or of the list in `listField` (`history` of
 * `carbon-intensity/history`, `data` of `past-range`). None for a null. Throws SourceError (`unexpected-answer`) for
 * another zone, other emission factors, figures made up for a test key, and any shape that is not documented.
 */
export function readIntensities(
  json: unknown,
  listField: 'history' | 'data' | undefined,
  context: Context,
): readonly Figure[] {
  const envelope = readEnvelope(json, context)
  if (listField === undefined) return readItem(envelope, envelope, context)
  return context.reader
    .list(envelope[listField], listField)
    .flatMap((item) => readItem(context.reader.object(item, listField), envelope, context))
}

/** The figures of `carbon-intensity/forecast`, whose items have a time and a value alone. */
export function readForecast(json: unknown, context: Context): readonly Figure[] {
  const { reader } = context
  const envelope = readEnvelope(json, context)
  return reader.list(envelope['forecast'], 'forecast').flatMap((value) => {
    const item = reader.object(value, 'forecast')
    refuseWrong(item, context)
    return readFigure(item, { envelope, reader, method: { kind: 'forecast' } })
  })
}

function readEnvelope(json: unknown, context: Context): Fields {
  const envelope = context.reader.object(json, 'the answer')
  // An unknown zone is answered with the zone of whoever asks.
  if (envelope['zone'] !== context.zone)
    throw context.reader.unexpected(envelope['zone'], 'zone', context.zone)
  refuseWrong(envelope, context)
  return envelope
}

function readItem(item: Fields, envelope: Fields, context: Context): readonly Figure[] {
  refuseWrong(item, context)
  const { reader, factorType } = context
  const statedType = item['emissionFactorType'] ?? envelope['emissionFactorType']
  if (statedType !== factorType) throw reader.unexpected(statedType, 'emissionFactorType', factorType)
  return readFigure(item, { envelope, reader, method: methodOf(item, reader) })
}

/** What is wrong wherever it stands. */
function refuseWrong(fields: Fields, { zone, factorType, reader }: Context): void {
  const { zone: statedZone = zone, emissionFactorType: statedType = factorType } = fields
  if (statedZone !== zone) throw reader.unexpected(statedZone, 'zone', zone)
  if (statedType !== factorType) throw reader.unexpected(statedType, 'emissionFactorType', factorType)

  const disclaimer = fields['_disclaimer']
  const isSandbox =
    String(fields['estimationMethod']).toUpperCase().includes('SANDBOX') ||
    (typeof disclaimer === 'string' && /sandbox/i.test(disclaimer))
  if (isSandbox)
    throw reader.unexpected(disclaimer, 'estimationMethod', 'a figure: it is made up for a sandbox key')
}

function methodOf(item: Fields, reader: AnswerReader): IntensityMethod {
  const isEstimated = item['isEstimated']
  if (typeof isEstimated !== 'boolean') throw reader.unexpected(isEstimated, 'isEstimated', 'true or false')
  const detail = item['estimationMethod'] ?? undefined
  if (detail !== undefined) return { kind: 'estimated', detail: reader.text(detail, 'estimationMethod') }
  return { kind: isEstimated ? 'estimated' : 'measured' }
}

function readFigure(
  item: Fields,
  read: { readonly envelope: Fields; readonly reader: AnswerReader; readonly method: IntensityMethod },
): readonly Figure[] {
  const { envelope, reader, method } = read
  const from: Instant = reader.time(item['datetime'], 'datetime')
  const granularity = item['temporalGranularity'] ?? envelope['temporalGranularity'] ?? 'hourly'
  const stepMs = stepMsOf.get(reader.text(granularity, 'temporalGranularity'))
  if (stepMs === undefined) {
    throw reader.unexpected(granularity, 'temporalGranularity', 'an hour or less')
  }
  const grams = reader.numberOrNull(item['carbonIntensity'], 'carbonIntensity')
  if (grams === undefined) return []
  return [{ valid: { from, to: instant(from + stepMs) }, grams, method }]
}
