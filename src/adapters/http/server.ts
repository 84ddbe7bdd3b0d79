import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifySchema } from 'fastify'
import type { ApiPorts } from './api-ports.ts'
import { answerError } from './errors.ts'
import { intensityRoutes } from './intensity-routes.ts'
import { contractRoutes, namedSchemas } from './routes.ts'

const mostBodyBytes = 1024 * 1024
const headersTimeoutMs = 10_000
const requestTimeoutMs = 30_000

/** The browser keeps the documentation from asking any other host, whatever its scripts try. */
const ownOriginOnly =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; frame-ancestors 'self'"

/** The HTTP API, assembled and not yet listening. */
export async function createHttpServer(ports: ApiPorts, logger: FastifyBaseLogger): Promise<FastifyInstance> {
  const server = fastify({
    loggerInstance: logger,
    bodyLimit: mostBodyBytes,
    requestTimeout: requestTimeoutMs,
    // Answers that are under way are finished; a connection without a request is not waited for.
    forceCloseConnections: 'idle',
    // Fields that are not ours are left out of account, and so are these two, which JSON allows.
    onProtoPoisoning: 'remove',
    onConstructorPoisoning: 'remove',
    frameworkErrors: answerError,
    routerOptions: { ignoreTrailingSlash: true },
    ajv: {
      customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, verbose: true },
    },
  }).withTypeProvider<TypeBoxTypeProvider>()
  server.server.headersTimeout = headersTimeoutMs

  // Before the routes: they take the handlers that stand when they are registered.
  server.setErrorHandler(answerError)
  server.setNotFoundHandler(async (request, reply) =>
    reply.status(404).send({
      error: `there is no ${request.method} ${request.url.split('?')[0]}; /docs lists what there is`,
    }),
  )

  // Fastify would hand plain text over as a string; JSON is the only thing that is understood.
  server.removeContentTypeParser('text/plain')

  // An answer that is still given while the server stops is the last one on its connection.
  let isStopping = false
  server.addHook('preClose', async () => {
    isStopping = true
  })
  server.addHook('onSend', async (_request, reply) => {
    if (isStopping) void reply.header('connection', 'close')
  })

  for (const schema of namedSchemas) server.addSchema(schema)
  const schemaNames = new Set(Object.keys(server.getSchemas()))
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'co2-api',
        version: ports.version,
        description:
          'Grams of CO2e of every Kubernetes container: energy from Kepler’s counters times the carbon intensity of the grid, integrated over time.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'emissions', description: 'What containers emit.' },
        { name: 'intensity', description: 'How clean the electricity is.' },
        { name: 'operation', description: 'Health and metrics of the service itself.' },
      ],
    },
    transform: ({ schema, url }) => ({ schema: withNamedReferences(schema, schemaNames), url }),
    refResolver: {
      buildLocalReference: (json, _base, _fragment, at) =>
        typeof json['$id'] === 'string' ? json['$id'] : `schema-${at}`,
    },
  })
  await server.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: ownOriginOnly,
    theme: {
      title: 'co2-api',
      css: [{ filename: 'own.css', content: '.swagger-ui .topbar { display: none }' }],
    },
  })
  await server.register(contractRoutes(ports))
  await server.register(intensityRoutes(ports))

  server.get('/openapi.json', { schema: { hide: true } }, async () => server.swagger())
  server.get('/', { schema: { hide: true } }, async (_request, reply) => reply.redirect('/docs'))
  return server
}

/** A named schema is written out once and referred to by its name elsewhere. */
function withNamedReferences(schema: FastifySchema, names: ReadonlySet<string>): FastifySchema {
  return JSON.parse(JSON.stringify(schema), (_key, value) =>
    names.has(value?.$id) ? { $ref: `${value.$id}#` } : value,
  )
}
