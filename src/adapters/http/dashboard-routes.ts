import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsync, FastifyReply } from 'fastify'
import { withAccess } from './access.ts'
import { ownFilesOnly } from './security-headers.ts'

/** Where `npm run build:dashboard` puts the page. */
export const builtDashboard = join(import.meta.dirname, '../../../dashboard/dist')

const aYear = '365d'

const notBuilt = `The dashboard is not built. "npm ci" builds it, and so does "npm run build:dashboard" where the packages
for development are installed. The API answers all the same: /docs lists what there is.
`

/**
 * The page at `/` and its files, compressed when they were built. A file whose name has the hash of its content is kept
 * by browsers for a year; the page is asked for each time. All of it is open: what it shows it asks of the API, with the
 * reader's token where one is needed.
 */
export function dashboardRoutes(folder: string): FastifyPluginAsync {
  return async (server) => {
    withAccess(server, 'open')
    await server.register(fastifyStatic, {
      root: folder,
      serve: false,
      preCompressed: true,
    })

    server.get('/', { schema: { hide: true } }, async (_request, reply) => {
      if (!existsSync(join(folder, 'index.html'))) {
        return reply.status(503).type('text/plain; charset=utf-8').send(notBuilt)
      }
      return fileOf(reply, 'index.html', { maxAge: 0 })
    })
    server.get<{ Params: { '*': string } }>('/assets/*', { schema: { hide: true } }, async (request, reply) =>
      fileOf(reply, `assets/${request.params['*']}`, { maxAge: aYear, immutable: true }),
    )
    server.get('/favicon.svg', { schema: { hide: true } }, async (_request, reply) =>
      fileOf(reply, 'favicon.svg', { maxAge: '1d' }),
    )
  }

  function fileOf(
    reply: FastifyReply,
    path: string,
    options: { maxAge: number | string; immutable?: boolean },
  ) {
    return reply.header('content-security-policy', ownFilesOnly).sendFile(path, folder, options)
  }
}
