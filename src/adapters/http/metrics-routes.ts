import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { ExpositionFormat } from '../../exposition/format.ts'
import { preferredFormat } from '../../exposition/negotiate.ts'
import type { ApiPorts } from './api-ports.ts'
import * as Type from './json-schema.ts'

const contentTypes: Readonly<Record<ExpositionFormat, string>> = {
  'prometheus-text': 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** Names repeat from line to line: the fastest level packs them to a tenth, beside the main thread. */
const gzipLevel = 1

const text = { schema: Type.Unsafe<Readable>(Type.String()) }

/** The metrics for Prometheus. They are printed as fast as they are read, and never held as a whole. */
export function metricsRoutes(ports: ApiPorts): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      '/metrics',
      {
        config: { access: 'fleet' },
        schema: {
          tags: ['operation'],
          summary:
            'Emissions, power and energy of containers and namespaces, and the service’s own metrics, for Prometheus',
          description:
            'In the Prometheus text format, or in OpenMetrics where it is preferred; gzipped where that is accepted.',
          response: {
            200: {
              content: { 'text/plain': text, 'application/openmetrics-text': text },
            },
          },
        },
        logLevel: 'warn',
      },
      async (request, reply) => {
        const format = preferredFormat(request.headers.accept)
        const pieces = Readable.from(ports.metrics(format), { objectMode: false })
        void reply.type(contentTypes[format]).header('vary', 'accept, accept-encoding')
        if (!acceptsGzip(request.headers['accept-encoding'])) return reply.send(pieces)
        void reply.header('content-encoding', 'gzip')
        // What fails in it ends the answer, which says so in the log.
        return reply.send(pipeline(pieces, createGzip({ level: gzipLevel }), () => {}))
      },
    )
  }
}

/** Whether an `Accept-Encoding` names gzip, and not with a weight of 0 (RFC 9110, 12.5.3). */
function acceptsGzip(header: string | string[] | undefined): boolean {
  const codings = String(header ?? '')
    .toLowerCase()
    .split(',')
  return codings.some((coding) => /^\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/.test(coding))
}
