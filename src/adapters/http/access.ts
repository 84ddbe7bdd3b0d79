import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type ApiToken, findToken, type NamespaceView, type TokenScope } from './api-tokens.ts'
import { RequestError, shown } from './problem.ts'

/**
 * Who may ask a route, from the widest to the narrowest. `open`: everybody. `token`: whoever has a token. `view`: the
 * same, and the route shows the namespaces of the token's view only. `fleet`: a token that sees all namespaces, since
 * the answer cannot be cut. `admin`: a token of that scope.
 */
export type Access = 'open' | 'token' | 'view' | 'fleet' | 'admin'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A route without one is refused to everybody while tokens are asked for. */
    access?: Access
  }
}

export type Caller = {
  /** Of the token; undefined where none is asked for. */
  readonly tokenName: string | undefined
  readonly scope: TokenScope
  readonly view: NamespaceView
}

/** Who may ask: everybody, or whoever has one of the tokens, which may change. */
export type AccessRule =
  | { readonly kind: 'everybody' }
  | { readonly kind: 'tokens'; readonly tokens: () => readonly ApiToken[] }

export type Refusal = 'no-token' | 'unknown-token' | 'not-allowed'

const everybody: Caller = { tokenName: undefined, scope: 'admin', view: { kind: 'all' } }

const callers = new WeakMap<FastifyRequest, Caller>()

/** Who asks. */
export function callerOf(request: FastifyRequest): Caller {
  return callers.get(request) ?? everybody
}

/** Puts the rule before every route. `onRefusal` is told of each request that was refused. */
export function guardRoutes(
  server: FastifyInstance,
  rule: AccessRule,
  onRefusal: (refusal: Refusal) => void,
): void {
  if (rule.kind === 'everybody') return
  server.addHook('onRequest', async (request, reply) => {
    const access = request.routeOptions.config.access
    if (request.is404 || access === 'open') return
    const refuse = (refusal: Refusal, error: RequestError) => {
      onRefusal(refusal)
      request.log.warn({ refusal, url: request.url.split('?')[0] }, 'a request was refused')
      if (error.statusCode === 401) void reply.header('www-authenticate', 'Bearer realm="co2-api"')
      return error
    }
    const presented = bearerTokenOf(request)
    if (presented === undefined) {
      throw refuse(
        'no-token',
        new RequestError(401, 'a token is needed; it must be given as "Authorization: Bearer <token>"'),
      )
    }
    const token = findToken(rule.tokens(), presented)
    if (token === undefined) {
      throw refuse(
        'unknown-token',
        new RequestError(401, 'the token is not known; ask whoever runs co2-api for one'),
      )
    }
    const why = whyNotAllowed(token, access)
    if (why !== undefined) throw refuse('not-allowed', new RequestError(403, why))
    callers.set(request, { tokenName: token.name, scope: token.scope, view: token.view })
    // So that a shared cache never hands one caller's answer to another.
    void reply.header('vary', 'authorization').header('cache-control', 'private, no-store')
  })
}

/** Gives the routes that others register within `scope` an access that they do not state themselves. */
export function withAccess(scope: FastifyInstance, access: Access): void {
  scope.addHook('onRoute', (route) => {
    route.config = { access, ...route.config }
  })
}

/** Throws RequestError (403) for a namespace outside the caller's view. */
export function refuseUnseen(caller: Caller, namespace: string): void {
  if (maySee(caller, namespace)) return
  throw new RequestError(
    403,
    `the token ${shown(caller.tokenName)} does not see the namespace ${shown(namespace)}; it sees ${seenBy(caller.view)}`,
  )
}

export function maySee({ view }: Caller, namespace: string): boolean {
  return view.kind === 'all' || view.namespaces.has(namespace)
}

/**
 * The namespaces that a question is about: those that it names, or all of the caller's view; undefined for every
 * namespace. Throws RequestError (403) for one outside the view.
 */
export function namespacesFor(
  caller: Caller,
  named: readonly string[] | undefined,
): readonly string[] | undefined {
  for (const namespace of named ?? []) refuseUnseen(caller, namespace)
  if (named !== undefined) return named
  return caller.view.kind === 'all' ? undefined : [...caller.view.namespaces]
}

function whyNotAllowed(token: ApiToken, access: Access | undefined): string | undefined {
  switch (access) {
    case 'open':
    case 'token':
    case 'view':
      return undefined
    case 'fleet':
      return token.view.kind === 'all'
        ? undefined
        : `the token ${shown(token.name)} sees ${seenBy(token.view)} only; this answer is about all namespaces`
    case 'admin':
      return token.scope === 'admin'
        ? undefined
        : `the token ${shown(token.name)} has the scope ${token.scope}; this answer needs admin`
    case undefined:
      return 'this route states no access and is closed'
  }
}

function seenBy(view: NamespaceView): string {
  return view.kind === 'all' ? 'all namespaces' : [...view.namespaces].join(', ')
}

function bearerTokenOf(request: FastifyRequest): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
}
