import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { type Instant, type Interval, instant } from '../../units.ts'
import type { ApiPorts } from './api-ports.ts'
import { auditAnswer } from './audit-answer.ts'
import { Audit, AuditedNode, AuditFinding, AuditGap } from './audit-schema.ts'
import { Problem, RequestError, shown } from './problem.ts'
import { questionSignal } from './question-signal.ts'
import { momentOf } from './time-in-questions.ts'

const hourMs = 3_600_000
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
        const window = windowOf(request.query, now)
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
          defaults: ['from', 'to'].filter((field) => !(field in request.query)),
          targets: ports.targets(),
          sinceStart: ports.countedSinceStart(),
        })
      },
    )
  }
}

/** Throws RequestError (400). */
function windowOf(query: { readonly from?: string; readonly to?: string }, now: Instant): Interval {
  const to = query.to === undefined ? now : momentOf('to', query.to, now)
  const from = query.from === undefined ? instant(to - hourMs) : momentOf('from', query.from, now)
  if (from >= to) {
    throw new RequestError(
      400,
      `from is ${shown(query.from)} and to is ${shown(query.to ?? 'now')}; from must be before to`,
    )
  }
  if (to - from > mostDays * 24 * hourMs) {
    throw new RequestError(400, `from and to are more than ${mostDays} days apart; ask for a shorter time`)
  }
  return { from, to }
}
