import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { ApiPorts } from './api-ports.ts'
import { auditAnswer } from './audit-answer.ts'
import { Audit, AuditedNode, AuditFinding, AuditGap } from './audit-schema.ts'
import { leftOut } from './energy-question.ts'
import * as Type from './json-schema.ts'
import { Problem, RequestError } from './problem.ts'
import { questionSignal } from './question-signal.ts'
import { rangeOf } from './time-in-questions.ts'

const defaultSeconds = 3600
const mostDays = 31

/** Whether the books balance. */
export function auditRoutes(ports: ApiPorts): FastifyPluginAsyncTypebox {
  return async (server) => {
    for (const schema of [AuditedNode, AuditGap, AuditFinding, Audit]) server.addSchema(schema)

    server.get(
      '/api/v1/audit',
      {
        config: { access: 'fleet', isHeavy: true },
        schema: {
          tags: ['operation'],
          summary: 'Whether the books balance: counters, samples, gaps and the ledger, node by node',
          description:
            'Each sample tells where its container’s counters stood at its end: from one to the next they must have advanced by its energy. What was refused, lost or left out is told by gaps; what nothing explains is a finding.',
          querystring: Type.Object({
            from: Type.Optional(
              Type.String({
                description: 'ISO 8601, or relative such as now-24h. Default: an hour before the end.',
              }),
            ),
            to: Type.Optional(Type.String({ description: 'ISO 8601, or relative. Default: now.' })),
          }),
          response: { 200: Audit, 400: Problem, 503: Problem },
        },
      },
      async (request, reply) => {
        const now = ports.now()
        const window = rangeOf(request.query, now, { defaultSeconds, mostDays })
        const signal = questionSignal(reply, ports.queryTimeoutSeconds)
        const audit = await ports.auditEnergy(window, signal)
        if (audit.kind === 'too-much') {
          throw new RequestError(
            400,
            `the window holds more than the ${audit.most} ${audit.what} that are audited at once; ask for a shorter one`,
          )
        }
        return auditAnswer(audit, {
          window,
          asOf: now,
          defaults: leftOut({ from: request.query.from, to: request.query.to }),
          targets: ports.targets(),
          sinceStart: ports.countedSinceStart(),
        })
      },
    )
  }
}
