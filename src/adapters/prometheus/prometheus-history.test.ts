import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import { temporaryDirectory } from '../../../test/contracts/temporary-directory.ts'
import { startLoopbackServer } from '../../../test/loopback-server.ts'
import { instant } from '../../units.ts'
import { createPrometheusHistory, type PrometheusOptions } from './prometheus-history.ts'

const never = new AbortController().signal
const question = {
  where: { names: ['a_total'], labels: {} },
  during: { from: instant(10_000), to: instant(40_000) },
}
const json = { 'content-type': 'application/json' }

async function serve(
  t: TestContext,
  listener: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<URL> {
  const server = await startLoopbackServer((request, response) => void listener(request, response))
  t.after(() => server[Symbol.asyncDispose]())
  return new URL(server.origin)
}

const answering = (t: TestContext, body: unknown, status = 200) =>
  serve(t, (_request, response) => response.writeHead(status, json).end(JSON.stringify(body)))

function historyAt(t: TestContext, url: URL, about: Partial<PrometheusOptions> = {}) {
  const connection = { matchers: [], headers: {}, tokenFile: undefined, authority: undefined }
  const history = createPrometheusHistory({ url, ...connection, ...about })
  t.after(() => history.close())
  return history
}

const matrixOf = (values: unknown, metric: unknown = { __name__: 'a_total', instance: 'n1' }) => ({
  status: 'success',
  data: { resultType: 'matrix', result: [{ metric, values }] },
})

describe('Prometheus as a history of series', () => {
  it('is asked for raw samples of the time that ends with the moment of the question', async (t) => {
    const asked: string[] = []
    const url = await serve(t, async (request, response) => {
      asked.push(`${request.method} ${request.url} ${await text(request)}`)
      response.writeHead(200, json).end(JSON.stringify(matrixOf([])))
    })
    await historyAt(t, new URL('/prefix/', url)).samplesWithin(question, never)
    const form = new URLSearchParams({
      query: '{__name__="a_total"}[30000ms]',
      time: '40.000',
      partial_response: 'false',
    })
    assert.deepEqual(asked, [`POST /prefix/api/v1/query ${form.toString()}`])
  })

  it('gives samples with their own times, and those at the very beginning to whoever asks for the time before', async (t) => {
    const url = await answering(
      t,
      matrixOf([
        [10, '1'],
        [10.001, '2.5'],
        [40, 'NaN'],
      ]),
    )
    assert.deepEqual(await historyAt(t, url).samplesWithin(question, never), [
      {
        name: 'a_total',
        labels: new Map([['instance', 'n1']]),
        times: [10_001, 40_000],
        values: [2.5, Number.NaN],
      },
    ])
  })

  it('gives the values of a label', async (t) => {
    const asked: (string | undefined)[] = []
    const url = await serve(t, (request, response) => {
      asked.push(request.url)
      response.writeHead(200, json).end('{"status":"success","data":["n1","n2"]}')
    })
    assert.deepEqual(await historyAt(t, url).labelValues('instance', question, never), ['n1', 'n2'])
    const search = new URLSearchParams({
      'match[]': '{__name__="a_total"}',
      start: '10.000',
      end: '40.000',
    })
    assert.deepEqual(asked, [`/api/v1/label/instance/values?${search.toString()}`])
  })

  it('understands compressed answers', async (t) => {
    const url = await serve(t, (_request, response) =>
      response
        .writeHead(200, { ...json, 'content-encoding': 'gzip' })
        .end(gzipSync(JSON.stringify(matrixOf([[20, '7']])))),
    )
    const [series] = await historyAt(t, url).samplesWithin(question, never)
    assert.deepEqual(series?.values, [7])
  })

  it('sends a token from a file, headers and matchers', async (t) => {
    const tokenFile = join(await temporaryDirectory(t), 'token')
    await writeFile(tokenFile, 'secret\n')
    let sent: IncomingMessage['headers'] = {}
    let body = ''
    const url = await serve(t, async (request, response) => {
      sent = request.headers
      body = await text(request)
      response.writeHead(200, json).end(JSON.stringify(matrixOf([])))
    })
    const about = { tokenFile, headers: { 'X-Scope-OrgID': 'team' }, matchers: ['cluster="prod"'] }
    await historyAt(t, url, about).samplesWithin(question, never)
    assert.equal(sent.authorization, 'Bearer secret')
    assert.equal(sent['x-scope-orgid'], 'team')
    assert.match(new URLSearchParams(body).get('query') ?? '', /cluster="prod"/)
  })

  it('says what it means when it does not answer', async (t) => {
    const error = { status: 'error', errorType: 'execution', error: 'too many\n  samples' }
    for (const [status, failure] of [
      [400, 'bad-question'],
      [401, 'refused'],
      [403, 'refused'],
      [404, 'unexpected-answer'],
      [302, 'unexpected-answer'],
      [413, 'too-much'],
      [422, 'too-much'],
      [429, 'server-error'],
      [500, 'server-error'],
      [503, 'server-error'],
    ] as const) {
      const url = await answering(t, error, status)
      await assert.rejects(historyAt(t, url).samplesWithin(question, never), {
        name: 'HistoryError',
        failure,
        message: `${url.origin} answered with status ${status}: too many samples`,
      })
    }
    const slow = await answering(t, { error: 'query timed out in expression evaluation' }, 503)
    await assert.rejects(historyAt(t, slow).samplesWithin(question, never), { failure: 'too-much' })
  })

  it('takes no part for the whole', async (t) => {
    const url = await answering(t, { ...matrixOf([]), warnings: ['store-1 is away'] })
    await assert.rejects(historyAt(t, url).samplesWithin(question, never), {
      failure: 'server-error',
      message: /answered in part only: store-1 is away/,
    })
  })

  it('refuses what is not an answer of Prometheus', async (t) => {
    for (const body of [
      '<html>',
      '{}',
      '{"status":"success","data":{"resultType":"vector","result":[]}}',
      JSON.stringify(matrixOf('x')),
      JSON.stringify(matrixOf([['x', '1']])),
      JSON.stringify(matrixOf([], { __name__: 1 })),
      JSON.stringify(matrixOf([], 'x')),
      '{"status":"success","data":{"resultType":"matrix","result":[1]}}',
    ]) {
      const url = await serve(t, (_request, response) => response.writeHead(200, json).end(body))
      await assert.rejects(historyAt(t, url).samplesWithin(question, never), {
        failure: 'unexpected-answer',
        message: /is it the API of Prometheus\?/,
      })
    }
    for (const body of ['{"status":"success","data":{}}', '{"status":"success","data":[1]}']) {
      const url = await serve(t, (_request, response) => response.writeHead(200, json).end(body))
      await assert.rejects(historyAt(t, url).labelValues('a', question, never), {
        failure: 'unexpected-answer',
      })
    }
  })

  it('refuses an answer that is too large, also once it is inflated', async (t) => {
    const large = gzipSync(' '.repeat(100_000))
    const url = await serve(t, (_request, response) =>
      response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(large),
    )
    await assert.rejects(historyAt(t, url, { mostBytes: 10_000 }).samplesWithin(question, never), {
      failure: 'too-much',
      message: /more than 10000 bytes/,
    })
  })

  it('says who cannot be reached, and who is late', async (t) => {
    const dead = new URL('http://127.0.0.1:1')
    await assert.rejects(historyAt(t, dead).samplesWithin(question, never), {
      failure: 'unreachable',
      message: 'http://127.0.0.1:1 could not be reached: ECONNREFUSED',
    })
    const silent = await serve(t, () => {})
    await assert.rejects(historyAt(t, silent, { timeoutSeconds: 0.05 }).samplesWithin(question, never), {
      failure: 'timed-out',
    })
  })

  it('says what is wrong with the file of its token', async (t) => {
    const tokenFile = join(await temporaryDirectory(t), 'token')
    const history = historyAt(t, new URL('http://127.0.0.1:1'), { tokenFile })
    await assert.rejects(history.samplesWithin(question, never), {
      failure: 'refused',
      message: /cannot be read/,
    })
    await writeFile(tokenFile, '\n')
    await assert.rejects(history.samplesWithin(question, never), {
      failure: 'refused',
      message: /non-empty line/,
    })
  })

  it('ends with the reason of the signal', async (t) => {
    const silent = await serve(t, () => {})
    const stop = new AbortController()
    const asked = historyAt(t, silent).samplesWithin(question, stop.signal)
    stop.abort(new Error('enough'))
    await assert.rejects(asked, /enough/)
  })
})
