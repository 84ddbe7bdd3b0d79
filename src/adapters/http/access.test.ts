import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { busybox, serveApi } from '../../../test/served-api.ts'
import { namespacesFor, type Refusal } from './access.ts'
import { digestOf, parseTokens } from './api-tokens.ts'

const refusals: Refusal[] = []

/** Three callers: one for dashboards, one for a team, one for whoever runs the service. */
async function serveWithTokens() {
  const lines = ['all read *', 'team read shop,web', 'ops admin *', 'lead admin shop'].map(
    (line) => `${line} sha256:${digestOf(`token-of-${line.split(' ')[0]}`).toString('hex')}`,
  )
  const reading = parseTokens(lines.join('\n'))
  assert.equal(reading.kind, 'tokens')
  const tokens = reading.kind === 'tokens' ? reading.tokens : []
  return serveApi({
    counter: [
      [0, 10],
      [10, 40],
    ],
    http: {
      access: { kind: 'tokens', tokens: () => tokens },
      onRefusal: (refusal) => refusals.push(refusal),
    },
    ports: {
      workloads: async () => [busybox, { namespace: 'shop', pod: 'web-1', container: 'app' }],
    },
  })
}

const bearer = (name: string) => ({ authorization: `Bearer token-of-${name}` })

describe('with tokens', async () => {
  const server = await serveWithTokens()
  after(() => server.close())

  async function statusOf(url: string, headers: Readonly<Record<string, string>> = {}) {
    return (await server.inject({ url, headers })).statusCode
  }

  it('probes and pages are open', async () => {
    for (const url of ['/healthz', '/readyz', '/openapi.json', '/docs/']) {
      assert.equal(await statusOf(url), 200, url)
    }
  })

  it('nothing else answers without one: every route of the API document', async () => {
    const open = new Set(['/healthz', '/readyz'])
    const document = (await server.inject('/openapi.json')).json()
    const closed = Object.entries<Record<string, unknown>>(document.paths).filter(([path]) => !open.has(path))
    assert.ok(closed.length >= 9, `${closed.length} routes`)
    for (const [url, methods] of closed) {
      for (const method of Object.keys(methods)) {
        const answer = await server.inject({ url, method: method === 'post' ? 'POST' : 'GET' })
        assert.equal(answer.statusCode, 401, `${method} ${url}`)
        assert.equal(answer.headers['www-authenticate'], 'Bearer realm="co2-api"')
        assert.match(answer.json().error, /a token is needed/)
      }
    }
  })

  it('an unknown token is refused, and so is another scheme', async () => {
    assert.equal(await statusOf('/api/containers', { authorization: 'Bearer guess' }), 401)
    assert.equal(await statusOf('/api/containers', { authorization: 'Basic YTpi' }), 401)
    assert.equal(await statusOf('/api/containers', { authorization: 'Bearer' }), 401)
    assert.ok(refusals.includes('unknown-token'))
    assert.ok(refusals.includes('no-token'))
  })

  it('an address that is none of ours is told apart from one that is closed', async () => {
    assert.equal(await statusOf('/api/nothing'), 404)
  })

  it('each asks what it may, and is told why where it may not', async () => {
    const may: readonly (readonly [url: string, ...names: string[]])[] = [
      ['/api/v1/caller', 'all', 'team', 'ops', 'lead'],
      ['/api/co2-intensities', 'all', 'team', 'ops', 'lead'],
      ['/api/v1/zones', 'all', 'team', 'ops', 'lead'],
      ['/api/v1/intensity?zone=DE', 'all', 'team', 'ops', 'lead'],
      ['/api/containers', 'all', 'team', 'ops', 'lead'],
      ['/metrics', 'all', 'ops'],
      ['/api/v1/intensity/sources', 'ops', 'lead'],
    ]
    for (const [url, ...names] of may) {
      for (const name of ['all', 'team', 'ops', 'lead']) {
        assert.equal(await statusOf(url, bearer(name)), names.includes(name) ? 200 : 403, `${name} ${url}`)
      }
    }
    const refused = await server.inject({ url: '/metrics', headers: bearer('team') })
    assert.equal(
      refused.json().error,
      'the token "team" sees shop, web only; this answer is about all namespaces',
    )
    const scoped = await server.inject({ url: '/api/v1/intensity/sources', headers: bearer('all') })
    assert.equal(scoped.json().error, 'the token "all" has the scope read; this answer needs admin')
  })

  it('a caller learns who it is', async () => {
    const answer = await server.inject({ url: '/api/v1/caller', headers: bearer('team') })
    assert.deepEqual(answer.json(), { token: 'team', scope: 'read', namespaces: ['shop', 'web'] })
    assert.equal(answer.headers['cache-control'], 'private, no-store')
    assert.equal(answer.headers.vary, 'authorization')
  })

  it('a team sees its own namespaces only', async () => {
    const listed = await server.inject({ url: '/api/containers', headers: bearer('team') })
    assert.deepEqual(listed.json(), [{ namespace: 'shop', pod: 'web-1', container: 'app' }])
    const ask = (name: string) =>
      server.inject({
        method: 'POST',
        url: '/api/co2-per-container',
        headers: { ...bearer(name), 'content-type': 'application/json' },
        payload: JSON.stringify(busybox),
      })
    const refused = await ask('team')
    assert.equal(refused.statusCode, 403)
    assert.equal(
      refused.json().error,
      'the token "team" does not see the namespace "default"; it sees shop, web',
    )
    assert.equal((await ask('all')).statusCode, 200)
  })
})

describe('without tokens', () => {
  it('everybody is who runs the service, as the callers of old are', async (t) => {
    const server = await serveApi()
    t.after(() => server.close())
    assert.deepEqual((await server.inject('/api/v1/caller')).json(), {
      token: null,
      scope: 'admin',
      namespaces: '*',
    })
    assert.equal((await server.inject('/metrics')).statusCode, 200)
  })
})

describe('the namespaces of a question', () => {
  const team = {
    tokenName: 'team',
    scope: 'read',
    view: { kind: 'only', namespaces: new Set(['a', 'b']) },
  } as const
  const all = { tokenName: 'all', scope: 'read', view: { kind: 'all' } } as const

  it('are those that it names, or all of the view', () => {
    assert.deepEqual(namespacesFor(team, undefined), ['a', 'b'])
    assert.deepEqual(namespacesFor(team, ['b']), ['b'])
    assert.equal(namespacesFor(all, undefined), undefined)
    assert.deepEqual(namespacesFor(all, ['x']), ['x'])
  })

  it('are refused when one lies outside the view', () => {
    assert.throws(() => namespacesFor(team, ['a', 'x']), /does not see the namespace "x"/)
  })
})
