import assert from 'node:assert/strict'
import type { LookupFunction } from 'node:net'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type SourceServer, startSourceServer } from '../../../test/sources/source-server.ts'
import { SourceError, type SourceFailure } from '../../intensity/source.ts'
import { createWebClient, type WebClientOptions } from './web-client.ts'

const never = new AbortController().signal

async function withClient(
  options: WebClientOptions,
  use: (asked: {
    server: SourceServer
    get: (path: string, headers?: Record<string, string>) => Promise<unknown>
  }) => Promise<void>,
) {
  await using server = await startSourceServer()
  const client = createWebClient(options)
  try {
    await use({
      server,
      get: async (path, headers = {}) =>
        await client.httpGet(new URL(path, server.url), { headers, signal: never }),
    })
  } finally {
    await client.close()
  }
}

const fails = (kind: SourceFailure['kind'], message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof SourceError, String(error))
  assert.equal(error.failure.kind, kind)
  assert.match(error.message, message)
  assert.doesNotMatch(error.message, /planted/)
  return true
}

describe('the web client', () => {
  it('gives an answer whatever its status, with header names in lower case', async () => {
    await withClient({}, async ({ server, get }) => {
      server.serve('/a', { status: 429, headers: { 'Retry-After': '7' }, body: 'wait' })
      const answer = await get('/a')
      assert.partialDeepStrictEqual(answer, { status: 429, text: 'wait', headers: { 'retry-after': '7' } })
    })
  })

  it('says who it is, and sends the headers it is given', async () => {
    await withClient({}, async ({ server, get }) => {
      server.serve('/a', {})
      await get('/a', { 'auth-token': 'planted' })
      const [request] = server.requests
      assert.equal(request?.headers['user-agent'], 'co2-api')
      assert.equal(request?.headers['auth-token'], 'planted')
      assert.equal(request?.headers['accept-encoding'], 'gzip')
    })
  })

  it('inflates gzip', async () => {
    await withClient({}, async ({ server, get }) => {
      server.serve('/a', { headers: { 'content-encoding': 'gzip' }, body: gzipSync('né en France') })
      assert.partialDeepStrictEqual(await get('/a'), { text: 'né en France' })
    })
  })

  it('refuses a body that cannot be inflated, or comes in an encoding it did not ask for', async () => {
    await withClient({}, async ({ server, get }) => {
      server.serve('/a', { headers: { 'content-encoding': 'gzip' }, body: 'plain' })
      await assert.rejects(get('/a'), fails('unexpected-answer', /^127\.0\.0\.1:\d+ answered with a body/))
      server.serve('/b', { headers: { 'content-encoding': 'br' }, body: 'plain' })
      await assert.rejects(get('/b'), fails('unexpected-answer', /encoding that was not asked for/))
    })
  })

  it('refuses a body that is too large, before and after inflating', async () => {
    await withClient({ maxBodyBytes: 1000 }, async ({ server, get }) => {
      server.serve('/exact', { body: 'x'.repeat(1000) })
      await get('/exact')
      server.serve('/plain', { body: 'x'.repeat(1001) })
      await assert.rejects(get('/plain?key=planted'), fails('unexpected-answer', /more than 1000 bytes/))
      server.serve('/packed', {
        headers: { 'content-encoding': 'gzip' },
        body: gzipSync('x'.repeat(1_000_000)),
      })
      await assert.rejects(get('/packed'), fails('unexpected-answer', /more than 1000 bytes/))
    })
  })

  it('follows one redirect to the same host, and gives a second one as the answer', async () => {
    await withClient({}, async ({ server, get }) => {
      server.serve('/a', { status: 302, headers: { location: '/b?x=1' } })
      server.serve('/b', { body: 'here' })
      assert.partialDeepStrictEqual(await get('/a'), { status: 200, text: 'here' })
      server.serve('/b', { status: 301, headers: { location: '/a' } })
      assert.partialDeepStrictEqual(await get('/a'), { status: 301 })
    })
  })

  it('does not follow a redirect to another host, port or scheme, nor one to nowhere', async () => {
    await using other = await startSourceServer()
    await withClient({}, async ({ server, get }) => {
      const elsewhere = [other.url.href, 'https://127.0.0.1:1/', 'file:///etc/passwd', 'http://[']
      for (const location of elsewhere) {
        server.serve('/a', { status: 307, headers: { location } })
        assert.partialDeepStrictEqual(await get('/a'), { status: 307 })
      }
      server.serve('/a', { status: 308 })
      assert.partialDeepStrictEqual(await get('/a'), { status: 308 })
      assert.equal(other.requests.length, 0)
    })
  })

  it('gives up on a server that stays silent, and names its host alone', async () => {
    await withClient({ timeoutSeconds: 0.05 }, async ({ server, get }) => {
      server.serve('/a', { silent: true })
      await assert.rejects(
        get('/a?key=planted', { 'auth-token': 'planted' }),
        fails('timed-out', /^127\.0\.0\.1:\d+ did not answer whole within 0.05 s$/),
      )
    })
  })

  it('cannot reach a server that is not there, or hangs up', async () => {
    await withClient({}, async ({ server, get }) => {
      server.serve('/a', { cut: true })
      await assert.rejects(
        get('/a?key=planted'),
        fails('unreachable', /could not be reached: UND_ERR_SOCKET/),
      )
      await server[Symbol.asyncDispose]()
      await assert.rejects(get('/a?key=planted'), fails('unreachable', /could not be reached: ECONNREFUSED/))
    })
  })

  it('ends with the reason of the signal', async () => {
    await using server = await startSourceServer()
    const client = createWebClient()
    server.serve('/a', { silent: true })
    const stop = new AbortController()
    const asked = client.httpGet(new URL('/a', server.url), { signal: stop.signal })
    stop.abort(new Error('enough'))
    await assert.rejects(asked, /^Error: enough$/)
    await assert.rejects(
      client.httpGet(new URL('/a', server.url), { signal: stop.signal }),
      /^Error: enough$/,
    )
    await client.close()
  })
})

const resolveTo =
  (...addresses: readonly string[]): LookupFunction =>
  (_hostname, options, callback) => {
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    if (options.all === true) callback(null, found)
    else callback(null, found[0]?.address ?? '', found[0]?.family ?? 4)
  }

describe('a private address', () => {
  const addressed = async (host: string, resolve: LookupFunction) => {
    await using server = await startSourceServer()
    server.serve('/a', { body: 'inside' })
    const client = createWebClient({ resolve })
    try {
      const answer = await client.httpGet(new URL(`http://${host}:${server.url.port}/a`), { signal: never })
      return answer.text
    } finally {
      await client.close()
    }
  }

  it('is asked when it is what was configured', async () => {
    assert.equal(await addressed('127.0.0.1', resolveTo()), 'inside')
    assert.equal(await addressed('localhost', resolveTo('127.0.0.1')), 'inside')
    assert.equal(await addressed('figures.monitoring.svc', resolveTo('127.0.0.1')), 'inside')
    assert.equal(await addressed('figures', resolveTo('127.0.0.1')), 'inside')
  })

  it('is not asked when a name of the public Internet leads to it', async () => {
    for (const address of ['127.0.0.1', '10.1.2.3', '169.254.169.254', '::1', 'fd00::1', '::ffff:10.0.0.1']) {
      await assert.rejects(
        addressed('grid.example', resolveTo('93.184.215.14', address)),
        fails('unreachable', /grid\.example:\d+ could not be reached: its name leads to a private address/),
      )
    }
  })

  it('is not what a name that does not exist leads to', async () => {
    const unknown: LookupFunction = (_hostname, _options, callback) => {
      callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), '')
    }
    await assert.rejects(addressed('grid.example', unknown), fails('unreachable', /ENOTFOUND/))
  })
})
