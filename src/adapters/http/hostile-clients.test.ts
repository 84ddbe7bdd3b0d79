import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, it, type TestContext } from 'node:test'
import { connect as connectTls } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import { serveApi } from '../../../test/served-api.ts'
import { type ClientPatience, type HttpOptions, openToEverybody } from './http-options.ts'

const impatient: ClientPatience = {
  ...openToEverybody.patience,
  headersMs: 150,
  requestMs: 200,
  checkEveryMs: 20,
}

async function listening(t: TestContext, http: Partial<HttpOptions> = {}): Promise<FastifyInstance> {
  const server = await serveApi({ http: { patience: impatient, ...http } })
  t.after(async () => {
    const closed = server.close()
    server.server.closeAllConnections()
    await closed
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  return server
}

function portOf(server: FastifyInstance): number {
  const address = server.server.address()
  assert.ok(address !== null && typeof address === 'object')
  return address.port
}

/** A connection that says this; what the server answers until it closes. */
async function answerTo(server: FastifyInstance, said: string): Promise<string> {
  const socket = connect(portOf(server), '127.0.0.1')
  socket.write(said)
  return text(socket)
}

describe('a client that is slow on purpose', () => {
  it('is cut off before its header is whole', async (t) => {
    const server = await listening(t)
    assert.match(await answerTo(server, 'GET /healthz HTTP/1.1\r\nhost: a\r\nx-slow: '), /^HTTP\/1\.1 408 /)
  })

  it('is cut off before its body is whole', async (t) => {
    const server = await listening(t)
    const head =
      'POST /api/co2-per-container HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{'
    assert.match(await answerTo(server, head), /^HTTP\/1\.1 408 /)
  })

  it('does not keep others waiting, however many it opens', async (t) => {
    const server = await listening(t, { patience: { ...impatient, headersMs: 60_000, requestMs: 60_000 } })
    const slow: Socket[] = []
    t.after(() => {
      for (const socket of slow) socket.destroy()
    })
    for (let at = 0; at < 200; at += 1) {
      const socket = connect(portOf(server), '127.0.0.1')
      socket.write('GET /healthz HTTP/1.1\r\nhost: a\r\nx: ')
      slow.push(socket)
    }
    await Promise.all(slow.map((socket) => once(socket, 'connect')))
    const answer = await fetch(`http://127.0.0.1:${portOf(server)}/healthz`)
    assert.equal(answer.status, 200)
  })

  it('finds no place beyond the most connections', async (t) => {
    const server = await listening(t, {
      patience: { ...impatient, headersMs: 60_000, requestMs: 60_000, connections: 3 },
    })
    const held: Socket[] = []
    t.after(() => {
      for (const socket of held) socket.destroy()
    })
    for (let at = 0; at < 3; at += 1) {
      const socket = connect(portOf(server), '127.0.0.1')
      await once(socket, 'connect')
      held.push(socket)
    }
    const beyond = connect(portOf(server), '127.0.0.1')
    beyond.on('error', () => {})
    await once(beyond, 'close')
    assert.equal(beyond.bytesRead, 0)
  })
})

describe('a client that says too much', () => {
  it('in its header is answered with 431', async (t) => {
    const server = await listening(t)
    const said = `GET /healthz HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`
    assert.match(await answerTo(server, said), /^HTTP\/1\.1 431 /)
  })

  it('in its body is answered with 413, before it has said it all', async (t) => {
    const server = await listening(t)
    const head =
      'POST /api/co2-per-container HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99999999\r\n\r\n'
    const answer = await answerTo(server, head)
    assert.match(answer, /^HTTP\/1\.1 413 /)
    assert.match(answer, /the body is larger than the 1 MiB that is accepted/)
  })

  it('that is no HTTP at all is answered with 400', async (t) => {
    const server = await listening(t)
    assert.match(await answerTo(server, '\u0016\u0003\u0001 hello\r\n\r\n'), /^HTTP\/1\.1 400 /)
  })
})

describe('a client that asks too often', () => {
  it('is told when to ask again, and probes are never counted', async (t) => {
    const server = await serveApi({ http: { requestsPerMinute: 2 } })
    t.after(() => server.close())
    assert.equal((await server.inject('/api/containers')).statusCode, 200)
    assert.equal((await server.inject('/api/containers')).statusCode, 200)
    const refused = await server.inject('/api/containers')
    assert.equal(refused.statusCode, 429)
    assert.match(
      refused.json().error,
      /^more than the 2 requests a minute that RATE_LIMIT allows; ask again in \d+ s$/,
    )
    assert.ok(Number(refused.headers['retry-after']) > 0)
    assert.equal((await server.inject('/healthz')).statusCode, 200)
  })
})

describe('a web page of another origin', () => {
  it('is allowed nothing unless its origin is named', async (t) => {
    const server = await serveApi()
    t.after(() => server.close())
    const answer = await server.inject({
      url: '/api/containers',
      headers: { origin: 'https://evil.example' },
    })
    assert.equal(answer.headers['access-control-allow-origin'], undefined)
  })

  it('may ask when it is', async (t) => {
    const server = await serveApi({ http: { corsOrigins: ['https://portal.example'] } })
    t.after(() => server.close())
    const headers = { origin: 'https://portal.example', 'access-control-request-method': 'POST' }
    const preflight = await server.inject({ method: 'OPTIONS', url: '/api/co2-per-container', headers })
    assert.equal(preflight.statusCode, 204)
    assert.equal(preflight.headers['access-control-allow-origin'], 'https://portal.example')
    const other = await server.inject({ url: '/api/containers', headers: { origin: 'https://evil.example' } })
    assert.equal(other.headers['access-control-allow-origin'], undefined)
  })
})

describe('every answer', () => {
  it('tells browsers to trust it no further than it must be', async (t) => {
    const server = await serveApi()
    t.after(() => server.close())
    for (const url of ['/api/containers', '/api/nothing', '/docs/', '/']) {
      const { headers } = await server.inject(url)
      assert.equal(headers['x-content-type-options'], 'nosniff', url)
      assert.equal(headers['referrer-policy'], 'no-referrer', url)
      assert.match(
        String(headers['content-security-policy']),
        /default-src 'none'.*frame-ancestors 'none'/,
        url,
      )
      assert.doesNotMatch(String(headers['content-security-policy']), /unsafe/, url)
      assert.equal(headers['strict-transport-security'], undefined)
    }
  })

  it('is encrypted where there is a certificate', async (t) => {
    const fixture = (name: string) => readFileSync(`test/fixtures/tls/${name}`, 'utf8')
    const server = await listening(t, {
      tls: { cert: fixture('server.pem'), key: fixture('server.key.pem') },
    })
    const socket = connectTls({
      port: portOf(server),
      host: '127.0.0.1',
      servername: 'localhost',
      ca: fixture('authority.pem'),
    })
    socket.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
    const answer = await text(socket)
    assert.match(answer, /^HTTP\/1\.1 200 OK/)
    assert.match(answer, /strict-transport-security: max-age=31536000/)
  })
})
