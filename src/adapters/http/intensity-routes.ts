import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { IntensityFact } from '../../intensity/fact.ts'
import { type FactSeries, usualSeries } from '../../intensity/preference.ts'
import type { TimelinePiece } from '../../intensity/timeline.ts'
import { type Instant, type Interval, instant, isoWithMicroseconds } from '../../units.ts'
import type { ApiPorts } from './api-ports.ts'
import { zoneOf } from './container-emissions-query.ts'
import * as Type from './json-schema.ts'
import { Problem, RequestError } from './problem.ts'
import { Time, TimeOrNull, timeOrNull } from './time-in-answers.ts'
import { momentOf } from './time-in-questions.ts'

const Piece = Type.Object(
  {
    from: TimeOrNull,
    to: TimeOrNull,
    g_per_kwh: Type.Union([Type.Number(), Type.Null()], { description: 'Null where nothing is known.' }),
    intensity_source: Type.Union([Type.String(), Type.Null()]),
    intensity_method: Type.Union([Type.String(), Type.Null()]),
    intensity_detail: Type.Optional(
      Type.String({ description: 'The source’s own word for how it was made.' }),
    ),
    intensity_year: Type.Optional(Type.Integer()),
    learned_at: Type.Union([Time, Type.Null()], {
      description: 'When it was learned; null for what ships with the program.',
    }),
  },
  { $id: 'IntensityPiece', title: 'IntensityPiece' },
)

const Timeline = Type.Object(
  {
    zone: Type.String(),
    basis: Type.Enum(['lifecycle', 'direct']),
    signal: Type.Enum(['average', 'marginal']),
    as_of: Time,
    pieces: Type.Array(Piece),
  },
  { $id: 'IntensityTimeline', title: 'IntensityTimeline' },
)

const Zone = Type.Object(
  {
    zone: Type.String(),
    name: Type.String(),
    country: Type.String(),
    parts: Type.Array(Type.String(), {
      description: 'The zones that a country is composed of, where it has several.',
    }),
    has_figures: Type.Boolean({ description: 'Whether a figure is known for it now.' }),
  },
  { $id: 'Zone', title: 'Zone' },
)

const Source = Type.Object(
  {
    source: Type.String(),
    name: Type.String(),
    url: Type.String(),
    licence: Type.String(),
    attribution: Type.String(),
    basis: Type.String(),
    signal: Type.String(),
    zones: Type.Integer({ description: 'How many zones it can tell about.' }),
    state: Type.Enum(['usable', 'resting']),
    resting_until: Type.Optional(Time),
    resting_because: Type.Optional(Type.String()),
    requests: Type.Integer(),
    failures: Type.Integer(),
    failures_in_a_row: Type.Integer(),
    facts: Type.Integer(),
    last_success: TimeOrNull,
    last_error: Type.Union([Type.String(), Type.Null()]),
    last_error_at: TimeOrNull,
  },
  { $id: 'IntensitySourceState', title: 'IntensitySourceState' },
)

const OneZone = {
  zone: Type.String({ minLength: 1, description: 'A country or zone, in any case, such as DE or DK-DK1.' }),
  basis: Type.Optional(Type.Enum(['lifecycle', 'direct'], { description: 'Default: lifecycle.' })),
  signal: Type.Optional(Type.Enum(['average', 'marginal'], { description: 'Default: average.' })),
}

const hour = 3_600_000
const mostDays = 366
const forecastHours = 72

/** What is known about carbon intensities, and by whom. */
export function intensityRoutes(ports: ApiPorts): FastifyPluginAsyncTypebox {
  const { intensities } = ports

  function timelineOf(
    query: {
      readonly zone: string
      readonly basis?: FactSeries['basis']
      readonly signal?: FactSeries['signal']
    },
    during: Interval,
    asOf: Instant,
  ) {
    const zone = zoneOf(query.zone, 'zone', ports.zones)
    const series = { basis: query.basis ?? usualSeries.basis, signal: query.signal ?? usualSeries.signal }
    const pieces = intensities.timeline(zone, during, asOf, series)
    return { zone, ...series, as_of: isoWithMicroseconds(asOf), pieces: pieces.map(pieceOf) }
  }

  return async (server) => {
    for (const schema of [Piece, Timeline, Zone, Source]) server.addSchema(schema)

    server.get(
      '/api/v1/zones',
      {
        config: { access: 'token' },
        schema: {
          tags: ['intensity'],
          summary: 'Countries and zones, with their names and parts',
          response: { 200: Type.Array(Zone) },
        },
      },
      async () => {
        const known = new Set(intensities.zones())
        return ports.zones.directory.all().map(({ code, name, country, parts }) => ({
          zone: code,
          name,
          country,
          parts: [...parts],
          has_figures: known.has(code),
        }))
      },
    )

    server.get(
      '/api/v1/intensity',
      {
        config: { access: 'token' },
        schema: {
          tags: ['intensity'],
          summary: 'The carbon intensity of a zone over time, with its sources',
          description:
            'Pieces that tile the time asked about (by default the last 24 hours), each with the one fact that is believed throughout it, as known now or at as_of.',
          querystring: Type.Object({
            ...OneZone,
            start: Type.Optional(
              Type.String({ description: 'ISO 8601 (UTC without an offset), or relative such as now-24h.' }),
            ),
            end: Type.Optional(
              Type.String({ description: 'ISO 8601 (UTC without an offset), or relative such as now-24h.' }),
            ),
            as_of: Type.Optional(
              Type.String({ description: 'ISO 8601 (UTC without an offset), or relative such as now-24h.' }),
            ),
          }),
          response: { 200: Timeline, 400: Problem },
        },
      },
      async (request) => {
        const { start, end, as_of: asOf } = request.query
        const now = ports.now()
        const to = end === undefined ? now : momentOf('end', end, now)
        const from = start === undefined ? instant(to - 24 * hour) : momentOf('start', start, now)
        if (from >= to) throw new RequestError(400, 'start must be before end')
        if (to - from > mostDays * 24 * hour) {
          throw new RequestError(
            400,
            `start and end are more than ${mostDays} days apart; ask for a shorter time`,
          )
        }
        return timelineOf(
          request.query,
          { from, to },
          asOf === undefined ? now : momentOf('as_of', asOf, now),
        )
      },
    )

    server.get(
      '/api/v1/intensity/latest',
      {
        config: { access: 'token' },
        schema: {
          tags: ['intensity'],
          summary: 'The carbon intensity of a zone now',
          querystring: Type.Object(OneZone),
          response: { 200: Timeline, 400: Problem },
        },
      },
      async (request) => {
        const now = ports.now()
        return timelineOf(request.query, { from: now, to: now }, now)
      },
    )

    server.get(
      '/api/v1/intensity/forecast',
      {
        config: { access: 'token' },
        schema: {
          tags: ['intensity'],
          summary: 'What is expected of a zone’s carbon intensity',
          description: `From now on, for ${forecastHours} hours; where no source looks so far ahead, a stand-in is named as what it is.`,
          querystring: Type.Object(OneZone),
          response: { 200: Timeline, 400: Problem },
        },
      },
      async (request) => {
        const now = ports.now()
        return timelineOf(request.query, { from: now, to: instant(now + forecastHours * hour) }, now)
      },
    )

    server.get(
      '/api/v1/intensity/sources',
      {
        config: { access: 'admin' },
        schema: {
          tags: ['intensity'],
          summary: 'The live sources of carbon intensity, best first, and how they do',
          response: { 200: Type.Array(Source) },
        },
      },
      async () =>
        ports.sources().map(({ source, gate, lastSuccessAt, lastFailure, ...counts }) => ({
          source: source.id,
          name: source.about.name,
          url: source.about.url,
          licence: source.about.licence,
          attribution: source.about.attribution,
          basis: source.about.basis,
          signal: source.about.signal,
          zones: source.zones().length,
          state: gate.kind === 'open' ? ('usable' as const) : ('resting' as const),
          ...(gate.kind === 'open'
            ? {}
            : { resting_until: isoWithMicroseconds(gate.until), resting_because: gate.reason }),
          requests: counts.requests,
          failures: counts.failures,
          failures_in_a_row: counts.failuresInARow,
          facts: counts.facts,
          last_success: timeOrNull(lastSuccessAt),
          last_error: lastFailure?.message ?? null,
          last_error_at: timeOrNull(lastFailure?.at),
        })),
    )
  }
}

function pieceOf(piece: TimelinePiece) {
  const { from, to } = piece.during
  const during = { from: timeOrNull(from), to: timeOrNull(to) }
  if (piece.kind === 'unknown') {
    return { ...during, g_per_kwh: null, intensity_source: null, intensity_method: null, learned_at: null }
  }
  const { fact } = piece
  return {
    ...during,
    g_per_kwh: fact.intensity,
    intensity_source: fact.source,
    intensity_method: fact.method.kind,
    ...detailOf(fact),
    learned_at: timeOrNull(fact.learnedAt),
  }
}

function detailOf({ method }: IntensityFact) {
  if (method.kind === 'annual-average') return { intensity_year: method.year }
  if (method.kind === 'estimated' && method.detail !== undefined) return { intensity_detail: method.detail }
  return {}
}
