import { XMLParser, XMLValidator } from 'fast-xml-parser'
import type { AnswerReader } from '../../intensity/answer-reader.ts'
import type { TechnologyOfType } from '../../intensity/generation-mix.ts'
import type { Instant } from '../../units.ts'
import { type Curve, type CurvePoint, valuesOf } from './curve.ts'
import type { GenerationStep } from './generated-intervals.ts'

export type GenerationDocument =
  | { readonly kind: 'generation'; readonly steps: readonly GenerationStep[] }
  /** The platform has nothing for the area and the time. */
  | { readonly kind: 'no-data' }
  /** The request was not understood or not allowed. */
  | { readonly kind: 'rejected'; readonly isKeyRefused: boolean }
  | { readonly kind: 'no-document' }

type Context = {
  /** The Energy Identification Code of the area that was asked for. */
  readonly eic: string
  readonly reader: AnswerReader
  readonly knownTypes: TechnologyOfType
}

const repeated = new Set(['TimeSeries', 'Period', 'Point', 'Reason'])

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  processEntities: false,
  removeNSPrefix: true,
  isArray: (name) => repeated.has(name),
})

const stepMsOf = new Map([
  ['PT15M', 15 * 60_000],
  ['PT30M', 30 * 60_000],
  ['PT60M', 60 * 60_000],
  ['PT1H', 60 * 60_000],
])

/**
 * The realised generation per production type (document A75) in an answer of ENTSO-E: megawatts for each step, in the
 * order of the document. Consumption, such as that of pumps, is left out: its series have an `outBiddingZone_Domain`.
 * Throws SourceError (`unexpected-answer`) with the name of the field for any shape that is not documented.
 */
export function parseGenerationDocument(xml: string, context: Context): GenerationDocument {
  const { reader } = context
  const parsed = parseWhole(xml)
  if (parsed === undefined) return { kind: 'no-document' }
  const root = reader.object(parsed, 'the document')

  if ('Acknowledgement_MarketDocument' in root) {
    return acknowledged(root['Acknowledgement_MarketDocument'], reader)
  }
  if (!('GL_MarketDocument' in root)) return { kind: 'no-document' }
  const document = reader.object(root['GL_MarketDocument'], 'GL_MarketDocument')
  exactly(document['type'], 'type', { reader, wanted: 'A75' })

  const series = reader.list(document['TimeSeries'] ?? [], 'TimeSeries')
  return { kind: 'generation', steps: series.flatMap((one) => stepsOfSeries(one, context)) }
}

/** Undefined for what is not XML. A body that was cut short would parse too, and lack the types that come last. */
function parseWhole(xml: string): unknown {
  if (XMLValidator.validate(xml) !== true) return undefined
  try {
    return parser.parse(xml)
  } catch {
    return undefined
  }
}

/** Reason 999 stands for whatever went wrong; only its text tells that there is merely no data. */
function acknowledged(value: unknown, reader: AnswerReader): GenerationDocument {
  const reasons = reader.list(
    reader.object(value, 'Acknowledgement_MarketDocument')['Reason'] ?? [],
    'Reason',
  )
  const texts = reasons.map((reason) =>
    reader.text(reader.object(reason, 'Reason')['text'] ?? '', 'Reason.text'),
  )
  if (texts.some((text) => /no matching data found/i.test(text))) return { kind: 'no-data' }
  return {
    kind: 'rejected',
    isKeyRefused: texts.some((text) => /unauthori[sz]ed|security token/i.test(text)),
  }
}

function stepsOfSeries(value: unknown, context: Context): readonly GenerationStep[] {
  const { reader } = context
  const series = reader.object(value, 'TimeSeries')
  if ('outBiddingZone_Domain.mRID' in series) return []
  exactly(series['inBiddingZone_Domain.mRID'], 'inBiddingZone_Domain.mRID', { reader, wanted: context.eic })
  exactly(series['quantity_Measure_Unit.name'], 'quantity_Measure_Unit.name', { reader, wanted: 'MAW' })

  const type = reader.text(reader.object(series['MktPSRType'], 'MktPSRType')['psrType'], 'psrType')
  if (!context.knownTypes.has(type)) throw reader.unexpected(type, 'psrType', 'a known production type')
  const kind = curveKind(series['curveType'], reader)

  return reader
    .list(series['Period'], 'Period')
    .flatMap((period) => valuesOf(readCurve(period, { reader, kind })))
    .map(({ valid, value }) => ({ type, valid, megawatts: value }))
}

function curveKind(value: unknown, reader: AnswerReader): Curve['kind'] {
  if (value === 'A01') return 'sequential'
  if (value === 'A03') return 'variable'
  throw reader.unexpected(value, 'curveType', 'A01 or A03')
}

function readCurve(
  value: unknown,
  { reader, kind }: { readonly reader: AnswerReader; readonly kind: Curve['kind'] },
): Curve {
  const period = reader.object(value, 'Period')
  const resolution = reader.text(period['resolution'], 'resolution')
  const stepMs = stepMsOf.get(resolution)
  if (stepMs === undefined) throw reader.unexpected(resolution, 'resolution', 'PT15M, PT30M or PT60M')

  const interval = reader.object(period['timeInterval'], 'timeInterval')
  const boundary = (name: 'start' | 'end'): Instant => {
    const at = reader.time(interval[name], `timeInterval.${name}`)
    if (at % stepMs === 0) return at
    throw reader.unexpected(interval[name], `timeInterval.${name}`, `a multiple of ${resolution}`)
  }
  const during = { from: boundary('start'), to: boundary('end') }
  const steps = (during.to - during.from) / stepMs
  if (steps > mostSteps) throw reader.unexpected(interval['end'], 'timeInterval.end', 'an end near the start')
  const points = reader.list(period['Point'], 'Point').map((point) => readPoint(point, { reader, steps }))
  return { during, stepMs, kind, points }
}

/** A year of quarter hours, the longest that the platform tells at once. */
const mostSteps = 366 * 24 * 4

function readPoint(
  value: unknown,
  { reader, steps }: { readonly reader: AnswerReader; readonly steps: number },
): CurvePoint {
  const point = reader.object(value, 'Point')
  const position = decimal(point['position'], 'position', reader)
  if (!Number.isInteger(position) || position < 1 || position > steps) {
    throw reader.unexpected(position, 'position', 'a step of its period')
  }
  return { position, value: decimal(point['quantity'], 'quantity', reader) }
}

function decimal(value: unknown, field: string, reader: AnswerReader): number {
  const text = reader.text(value, field)
  if (/^-?\d{1,12}(\.\d{1,12})?$/.test(text)) return Number(text)
  throw reader.unexpected(value, field, 'a decimal number')
}

function exactly(
  value: unknown,
  field: string,
  { reader, wanted }: { readonly reader: AnswerReader; readonly wanted: string },
): void {
  if (value !== wanted) throw reader.unexpected(value, field, wanted)
}
