import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type TargetStatus, targetStates } from '../../flows/scrape-health.ts'
import type { ApiPorts } from './api-ports.ts'
import * as Type from './json-schema.ts'
import { TimeOrNull, timeOrNull } from './time-in-answers.ts'

const Target = Type.Object(
  {
    target: Type.String({ description: 'The address of the exporter.' }),
    state: Type.Enum(targetStates, {
      description:
        'never: not scraped with success yet; stale: the last success is older than three intervals and five seconds; failing: the last scrape failed.',
    }),
    dialect: Type.Union([Type.String(), Type.Null()]),
    nodes: Type.Array(
      Type.Object({
        node: Type.String(),
        basis: Type.String({ description: 'What is counted: dialect, level and zones.' }),
      }),
    ),
    last_success: TimeOrNull,
    last_error: Type.Union([Type.String(), Type.Null()]),
    last_error_at: TimeOrNull,
    failures_in_a_row: Type.Integer(),
    last_scrape_s: Type.Union([Type.Number(), Type.Null()], {
      description: 'How long the last good scrape took.',
    }),
    notes: Type.Array(Type.String(), { description: 'What a person should know, each as a sentence.' }),
    unread_lines: Type.Object(
      {
        count: Type.Integer(),
        first: Type.Array(
          Type.Object({
            reason: Type.String(),
            excerpt: Type.String(),
            at: Type.Optional(Type.Integer({ description: 'How many bytes of the body stand before it.' })),
          }),
        ),
      },
      { description: 'Lines of the last good scrape that were left out.' },
    ),
  },
  { $id: 'Target', title: 'Target' },
)

const Targets = Type.Object(
  { targets: Type.Array(Target), scrape_interval_s: Type.Number() },
  { $id: 'Targets', title: 'Targets' },
)

/** How the reading of each exporter goes. */
export function targetsRoutes(ports: ApiPorts): FastifyPluginAsyncTypebox {
  return async (server) => {
    for (const schema of [Target, Targets]) server.addSchema(schema)

    server.get(
      '/api/v1/targets',
      {
        config: { access: 'admin' },
        schema: {
          tags: ['operation'],
          summary: 'The exporters that are read, and how that goes',
          response: { 200: Targets },
        },
      },
      async () => ({
        targets: ports.targets().map(targetOf),
        scrape_interval_s: ports.scrapeIntervalSeconds,
      }),
    )
  }
}

function targetOf(status: TargetStatus) {
  const { target, state, nodes, lastFailure, unreadLines } = status
  return {
    target,
    state,
    dialect: status.dialect ?? null,
    nodes: nodes.map(({ node, basis }) => ({ node, basis })),
    last_success: timeOrNull(status.lastSuccessAt),
    last_error: lastFailure?.message ?? null,
    last_error_at: timeOrNull(lastFailure?.at),
    failures_in_a_row: status.failuresInARow,
    last_scrape_s: status.lastScrapeSeconds ?? null,
    notes: [...status.notes],
    unread_lines: { count: unreadLines.count, first: unreadLines.first.map((line) => ({ ...line })) },
  }
}
