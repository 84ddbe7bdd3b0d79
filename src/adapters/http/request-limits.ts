import type { FastifyInstance } from 'fastify'
import { callerOf } from './access.ts'

/** Callers whose requests are counted at a time; beyond it the one that was quiet longest is forgotten. */
const mostCallersCounted = 10_000

/** At most so many requests a minute of one caller: a token, or an address where no tokens are asked for. */
export async function limitRequests(server: FastifyInstance, requestsPerMinute: number): Promise<void> {
  const { default: rateLimit } = await import('@fastify/rate-limit')
  await server.register(rateLimit, {
    max: requestsPerMinute,
    timeWindow: '1 minute',
    cache: mostCallersCounted,
    hook: 'preValidation',
    keyGenerator: (request) => callerOf(request).tokenName ?? request.ip,
    // Probes come from the node's address, as much else may.
    allowList: (request) => request.url === '/healthz' || request.url === '/readyz',
    errorResponseBuilder: (_request, { max, ttl }) =>
      Object.assign(
        new Error(
          `more than the ${max} requests a minute that RATE_LIMIT allows; ask again in ${Math.ceil(ttl / 1000)} s`,
        ),
        { statusCode: 429 },
      ),
  })
}

/** Lets web pages of these origins ask, without cookies: there are none. */
export async function allowOrigins(server: FastifyInstance, origins: readonly string[]): Promise<void> {
  const { default: cors } = await import('@fastify/cors')
  await server.register(cors, {
    origin: [...origins],
    methods: ['GET', 'POST'],
    allowedHeaders: ['authorization', 'content-type'],
    exposedHeaders: ['retry-after'],
    maxAge: 600,
  })
}
