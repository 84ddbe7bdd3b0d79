import type { RequestListener, Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifySchema } from 'fastify'
import { guardRoutes, withAccess } from './access.ts'
import { accessRoutes, namedAccessSchemas } from './access-routes.ts'
import type { ApiPorts } from './api-ports.ts'
import { auditRoutes } from './audit-routes.ts'
import { builtDashboard, dashboardRoutes } from './dashboard-routes.ts'
import { emissionsRoutes } from './emissions-routes.ts'
import { answerError } from './errors.ts'
import { boundHeavyQuestions } from './heavy-questions.ts'
import { type HttpOptions, openToEverybody } from './http-options.ts'
import { intensityRoutes } from './intensity-routes.ts'
import { metricsRoutes } from './metrics-routes.ts'
import { allowOrigins, limitRequests } from './request-limits.ts'
import { contractRoutes, namedSchemas } from './routes.ts'
import { addSecurityHeaders, ownFilesOnly } from './security-headers.ts'
import { streamRoutes } from './stream-routes.ts'
import { targetsRoutes } from './targets-routes.ts'

/** The HTTP API, assembled and not yet listening. */
export async function createHttpServer(
  ports: ApiPorts,
  logger: FastifyBaseLogger,
  options: HttpOptions = openToEverybody,
): Promise<FastifyInstance> {
  const { patience } = options
  const server = fastify({
    serverFactory: (handler) => listenerOf(options, handler),
    loggerInstance: logger,
    bodyLimit: patience.bodyBytes,
    requestTimeout: patience.requestMs,
    connectionTimeout: patience.idleMs,
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
  server.server.headersTimeout = patience.headersMs
  server.server.maxConnections = patience.connections

  // Before the routes: they take the handlers that stand when they are registered.
  server.setErrorHandler(answerError)
  server.setNotFoundHandler(async (request, reply) =>
    reply.status(404).send({
      error: `there is no ${request.method} ${request.url.split('?')[0]}; /docs lists what there is`,
    }),
  )

  addSecurityHeaders(server, { isEncrypted: options.tls !== undefined })
  if (options.corsOrigins.length > 0) await allowOrigins(server, options.corsOrigins)
  guardRoutes(server, options.access, options.onRefusal)
  if (options.requestsPerMinute !== undefined) await limitRequests(server, options.requestsPerMinute)
  boundHeavyQuestions(server)

  // Fastify would hand plain text over as a string; JSON is the only thing that is understood.
  server.removeContentTypeParser('text/plain')

  // An answer that is still given while the server stops is the last one on its connection.
  let isStopping = false
  server.addHook('preClose', async () => {
    isStopping = true
  })
  server.addHook('onSend', (_request, reply, _payload, done) => {
    if (isStopping) void reply.header('connection', 'close')
    done()
  })

  for (const schema of [...namedSchemas, ...namedAccessSchemas]) server.addSchema(schema)
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
  await server.register(async (scope) => {
    withAccess(scope, 'open')
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: ownFilesOnly,
      theme: {
        title: 'co2-api',
        css: [{ filename: 'own.css', content: '.swagger-ui .topbar { display: none }' }],
      },
    })
  })
  await server.register(contractRoutes(ports))
  await server.register(emissionsRoutes(ports))
  await server.register(intensityRoutes(ports))
  await server.register(accessRoutes)
  await server.register(targetsRoutes(ports))
  await server.register(streamRoutes(ports))
  await server.register(auditRoutes(ports))
  await server.register(metricsRoutes(ports))

  server.get('/openapi.json', { schema: { hide: true }, config: { access: 'open' } }, async () =>
    server.swagger(),
  )
  await server.register(dashboardRoutes(builtDashboard))
  return server
}

/** Over TLS where there is a certificate. */
function listenerOf({ tls, patience }: HttpOptions, handler: RequestListener): Server {
  const limits = {
    maxHeaderSize: patience.headerBytes,
    headersTimeout: patience.headersMs,
    requestTimeout: patience.requestMs,
    connectionsCheckingInterval: patience.checkEveryMs,
  }
  if (tls !== undefined) return createTlsServer({ ...limits, ...tls }, handler)
  // An import of it would ask it for all that it exports, and so load a whole client of the web: 12 MB.
  return process.getBuiltinModule('node:http').createServer(limits, handler)
}

/** A named schema is written out once and referred to by its name elsewhere. */
function withNamedReferences(schema: FastifySchema, names: ReadonlySet<string>): FastifySchema {
  return JSON.parse(JSON.stringify(schema), (_key, value) =>
    names.has(value?.$id) ? { $ref: `${value.$id}#` } : value,
  )
}
