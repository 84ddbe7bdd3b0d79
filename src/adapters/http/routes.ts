import type { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type TargetStatus, targetStates } from '../../flows/scrape-health.ts'
import { isoWithMicroseconds } from '../../units.ts'
import { callerOf, maySee, refuseUnseen } from './access.ts'
import type { ApiPorts } from './api-ports.ts'
import { answerText, provenanceOf } from './container-emissions-answer.ts'
import { understandQuery } from './container-emissions-query.ts'
import { ContainerEmissions, ContainerEmissionsQuery } from './container-emissions-schema.ts'
import * as Type from './json-schema.ts'
import { bodyOf } from './long-body.ts'
import { Problem, RequestError } from './problem.ts'
import { questionSignal } from './question-signal.ts'
import { Time, TimeOrNull, timeOrNull } from './time-in-answers.ts'
import { momentOf } from './time-in-questions.ts'

const Workload = Type.Object(
  { pod: Type.String(), container: Type.String(), namespace: Type.String() },
  { $id: 'Workload', title: 'Workload' },
)

const Readiness = Type.Object(
  {
    ready: Type.Boolean(),
    reasons: Type.Array(Type.String(), { description: 'Why not, each as a sentence.' }),
    warnings: Type.Array(Type.String(), { description: 'What is wrong although the service is ready.' }),
    last_kepler_scrape_success: TimeOrNull,
    last_kepler_scrape_error: TimeOrNull,
    targets: Type.Optional(
      Type.Array(
        Type.Object({
          target: Type.String(),
          state: Type.Enum(targetStates),
          last_success: TimeOrNull,
          last_error: Type.Union([Type.String(), Type.Null()]),
        }),
        { description: 'Every exporter that is read, with ?verbose; /api/v1/targets tells more of each.' },
      ),
    ),
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

/** The answer is written by hand, piece by piece, so that it can be streamed; its shape is that of the schema. */
const textOfContainerEmissions = Type.Unsafe<string | Readable>(ContainerEmissions)

/** The contract's endpoints. */
export function contractRoutes(ports: ApiPorts): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      '/api/co2-per-container',
      {
        config: { access: 'view' },
        schema: {
          tags: ['emissions'],
          summary: 'What a container emitted',
          description:
            'Power, energy and emissions of one container in one or more countries: every measurement with start_time <= timestamp <= end_time, or the last n.',
          body: ContainerEmissionsQuery,
          response: {
            200: textOfContainerEmissions,
            400: Problem,
            404: Problem,
            413: Problem,
            415: Problem,
            503: Problem,
          },
        },
      },
      async (request, reply) => {
        refuseUnseen(callerOf(request), request.body.namespace)
        const query = understandQuery(request.body, ports.zones)
        const signal = questionSignal(reply, ports.queryTimeoutSeconds)
        const answer = await ports.reportEmissions(query.question, signal)
        if (answer.kind === 'no-data') throw new RequestError(404, 'No data found for the selected window')
        if (answer.kind === 'too-many') {
          throw new RequestError(
            400,
            `the answer would hold more than the ${answer.most} measurements that are given at once; ask for fewer countries, a shorter range or a smaller n`,
          )
        }
        void reply.type('application/json; charset=utf-8')
        return reply.send(bodyOf(answerText(query, answer)))
      },
    )

    server.get(
      '/api/containers',
      {
        config: { access: 'view' },
        schema: {
          tags: ['emissions'],
          summary: 'Every container that is known',
          description:
            'Containers that Kepler shows now, and those that were measured since a time: by default within the last 24 hours.',
          querystring: Type.Object({
            since: Type.Optional(
              Type.String({ description: 'ISO 8601 (UTC without an offset), or relative such as now-24h.' }),
            ),
          }),
          response: { 200: Type.Array(Workload), 400: Problem, 503: Problem },
        },
      },
      async (request, reply) => {
        const { since } = request.query
        const signal = questionSignal(reply, ports.queryTimeoutSeconds)
        const workloads = await ports.workloads(
          since === undefined ? undefined : momentOf('since', since, ports.now()),
          signal,
        )
        const caller = callerOf(request)
        const seen = workloads.filter(({ namespace }) => maySee(caller, namespace))
        return seen.map(({ pod, container, namespace }) => ({ pod, container, namespace }))
      },
    )

    server.get(
      '/api/co2-intensities',
      {
        config: { access: 'token' },
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
        config: { access: 'open' },
        schema: {
          tags: ['operation'],
          summary: 'Whether the process lives',
          response: { 200: Type.Object({ status: Type.Literal('ok'), started_at: Time }) },
        },
        logLevel: 'warn',
      },
      async () => ({ status: 'ok' as const, started_at: isoWithMicroseconds(ports.startedAt) }),
    )

    server.get(
      '/readyz',
      {
        config: { access: 'open' },
        schema: {
          tags: ['operation'],
          summary: 'Whether the service can be relied on',
          querystring: Type.Object({
            verbose: Type.Optional(
              Type.String({
                description: 'With every exporter that is read; `false` is as good as nothing.',
              }),
            ),
          }),
          response: { 200: Readiness, 400: Problem, 503: Readiness },
        },
        logLevel: 'warn',
      },
      async (request, reply) => {
        const { verbose = 'false' } = request.query
        const { isReady, reasons, warnings, lastScrapeSuccessAt, lastScrapeFailureAt } = ports.readiness()
        return reply.status(isReady ? 200 : 503).send({
          ready: isReady,
          reasons: [...reasons],
          warnings: [...warnings],
          last_kepler_scrape_success: timeOrNull(lastScrapeSuccessAt),
          last_kepler_scrape_error: timeOrNull(lastScrapeFailureAt),
          ...(verbose === 'false' ? {} : { targets: ports.targets().map(inShort) }),
        })
      },
    )
  }
}

function inShort({ target, state, lastSuccessAt, lastFailure }: TargetStatus) {
  return {
    target,
    state,
    last_success: timeOrNull(lastSuccessAt),
    last_error: lastFailure?.message ?? null,
  }
}
