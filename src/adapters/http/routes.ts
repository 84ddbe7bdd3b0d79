import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { isoWithMicroseconds } from '../../units.ts'
import type { ApiPorts } from './api-ports.ts'
import { answerOf, provenanceOf } from './container-emissions-answer.ts'
import { understandQuery } from './container-emissions-query.ts'
import { ContainerEmissions, ContainerEmissionsQuery } from './container-emissions-schema.ts'
import { Problem, RequestError } from './problem.ts'

const Instant = Type.String({ format: 'date-time' })
const InstantOrNull = Type.Union([Instant, Type.Null()])

const Workload = Type.Object(
  { pod: Type.String(), container: Type.String(), namespace: Type.String() },
  { $id: 'Workload', title: 'Workload' },
)

const Readiness = Type.Object(
  {
    ready: Type.Boolean(),
    reasons: Type.Array(Type.String(), { description: 'Why not, each as a sentence.' }),
    warnings: Type.Array(Type.String(), { description: 'What is wrong although the service is ready.' }),
    last_kepler_scrape_success: InstantOrNull,
    last_kepler_scrape_error: InstantOrNull,
  },
  { $id: 'Readiness', title: 'Readiness' },
)

const IntensityDetail = Type.Object({
  g_per_kwh: Type.Number(),
  intensity_source: Type.String(),
  intensity_method: Type.String(),
  intensity_year: Type.Optional(Type.Integer()),
})

/** Schemas that the API document names. */
export const namedSchemas = [ContainerEmissionsQuery, ContainerEmissions, Workload, Readiness, Problem]

/** The contract's endpoints. */
export function contractRoutes(ports: ApiPorts): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      '/api/co2-per-container',
      {
        schema: {
          tags: ['emissions'],
          summary: 'What a container emitted',
          description:
            'Power, energy and emissions of one container in one or more countries: every measurement with start_time <= timestamp <= end_time, or the last n.',
          body: ContainerEmissionsQuery,
          response: {
            200: ContainerEmissions,
            400: Problem,
            404: Problem,
            413: Problem,
            415: Problem,
            503: Problem,
          },
        },
      },
      async (request) => {
        const query = understandQuery(request.body, ports.zones)
        const answer = ports.reportEmissions(query.question)
        if (answer.kind === 'no-data') throw new RequestError(404, 'No data found for the selected window')
        if (answer.kind === 'too-many') {
          throw new RequestError(
            400,
            `the answer would hold ${answer.measurements} measurements over all countries, and at most ${answer.most} are given; ask for fewer countries, a shorter range or a smaller n`,
          )
        }
        return answerOf(query, answer.perZone)
      },
    )

    server.get(
      '/api/containers',
      {
        schema: {
          tags: ['emissions'],
          summary: 'Every container that is known now',
          response: { 200: Type.Array(Workload) },
        },
      },
      async () => ports.workloads().map(({ pod, container, namespace }) => ({ pod, container, namespace })),
    )

    server.get(
      '/api/co2-intensities',
      {
        schema: {
          tags: ['intensity'],
          summary: 'The latest carbon intensity of every country',
          description:
            'Grams of CO2e per kilowatt hour by country code; with detail=true each with its source and method.',
          querystring: Type.Object({ detail: Type.Optional(Type.Enum(['true', 'false'])) }),
          response: {
            200: Type.Record(Type.String(), Type.Union([Type.Number(), IntensityDetail])),
            400: Problem,
          },
        },
      },
      async (request) => {
        const isDetailed = request.query.detail === 'true'
        const facts = ports.latestIntensities()
        return Object.fromEntries(
          facts.map((fact) => [
            fact.zone,
            isDetailed ? { g_per_kwh: fact.intensity, ...provenanceOf([fact]) } : fact.intensity,
          ]),
        )
      },
    )

    server.get(
      '/healthz',
      {
        schema: {
          tags: ['operation'],
          summary: 'Whether the process lives',
          response: { 200: Type.Object({ status: Type.Literal('ok'), started_at: Instant }) },
        },
        logLevel: 'warn',
      },
      async () => ({ status: 'ok' as const, started_at: isoWithMicroseconds(ports.startedAt) }),
    )

    server.get(
      '/readyz',
      {
        schema: {
          tags: ['operation'],
          summary: 'Whether the service can be relied on',
          response: { 200: Readiness, 503: Readiness },
        },
        logLevel: 'warn',
      },
      async (_request, reply) => {
        const { isReady, reasons, warnings, lastScrapeSuccessAt, lastScrapeFailureAt } = ports.readiness()
        return reply.status(isReady ? 200 : 503).send({
          ready: isReady,
          reasons: [...reasons],
          warnings: [...warnings],
          last_kepler_scrape_success:
            lastScrapeSuccessAt === undefined ? null : isoWithMicroseconds(lastScrapeSuccessAt),
          last_kepler_scrape_error:
            lastScrapeFailureAt === undefined ? null : isoWithMicroseconds(lastScrapeFailureAt),
        })
      },
    )

    server.get(
      '/metrics',
      {
        schema: {
          tags: ['operation'],
          summary: 'The service’s own metrics, for Prometheus',
          response: { 200: { content: { 'text/plain': { schema: Type.String() } } } },
        },
        logLevel: 'warn',
      },
      async (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(ports.metrics()),
    )
  }
}
