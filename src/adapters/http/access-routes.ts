import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { callerOf } from './access.ts'
import * as Type from './json-schema.ts'
import { Problem } from './problem.ts'

const Caller = Type.Object(
  {
    token: Type.Union([Type.String(), Type.Null()], {
      description: 'The name of the token; null where none is asked for.',
    }),
    scope: Type.Enum(['read', 'admin']),
    namespaces: Type.Union([Type.Literal('*'), Type.Array(Type.String())], {
      description: 'Whose figures it sees: * for all.',
    }),
  },
  { $id: 'Caller', title: 'Caller' },
)

export const namedAccessSchemas = [Caller]

/** Tells callers who they are: a page asks before it shows what it may. */
export const accessRoutes: FastifyPluginAsyncTypebox = async (server) => {
  server.get(
    '/api/v1/caller',
    {
      config: { access: 'token' },
      schema: {
        tags: ['operation'],
        summary: 'Who asks, and what they may see',
        response: { 200: Caller, 401: Problem },
      },
    },
    async (request) => {
      const { tokenName, scope, view } = callerOf(request)
      return {
        token: tokenName ?? null,
        scope,
        namespaces: view.kind === 'all' ? ('*' as const) : [...view.namespaces],
      }
    },
  )
}
