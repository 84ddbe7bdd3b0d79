import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import http, { type RequestListener } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import { createNode } from '../../../simulator/hardware.ts'
import { constant } from '../../../simulator/power.ts'
import { startKeplerSimulator } from '../../../simulator/server.ts'
import { rowsOf } from '../../../test/counter-readings.ts'
import { ScrapeError, type ScrapeFailure, type TargetScrape } from '../../flows/energy-source.ts'
import { instant } from '../../units.ts'
import { createKeplerSource } from './kepler-source.ts'
import type { MetricsEndpoint } from './metrics-client.ts'

const never = new AbortController().signal
const exposition =
  'kepler_container_joules_total{container_id="c1",container_name="app",pod_name="web",container_namespace="shop",mode="dynamic"} 12.5\n'
const text = { 'content-type': 'text/plain; version=0.0.4' }

function sourceAt(t: TestContext, url: string, about: Partial<MetricsEndpoint & { maxSeries: number }> = {}) {
  const source = createKeplerSource(
    {
      url: new URL(url),
      timeoutSeconds: 5,
      maxBodyBytes: 1_000_000,
      maxSeries: 1000,
      credentials: { kind: 'none' },
      authority: undefined,
      ...about,
    },
    () => instant(1000),
  )
  t.after(() => source.close())
  return source
}

/** A server that is closed with the test. */
async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = http.createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${portOf(server)}/metrics`
}

function portOf(server: http.Server | https.Server): number {
  const address = server.address()
  assert.ok(isAddressInfo(address))
  return address.port
}

function isAddressInfo(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null
}

async function temporaryFile(t: TestContext, content: string): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'co2-api-test-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = path.join(folder, 'secret')
  await writeFile(file, content)
  return file
}

const readingsIn = ({ nodes }: TargetScrape) => nodes.flatMap(({ readings }) => rowsOf(readings))

async function failureOf(promise: Promise<unknown>): Promise<ScrapeError> {
  const outcome = await promise.then(
    () => 'it succeeded',
    (error: unknown) => error,
  )
  assert.ok(outcome instanceof ScrapeError, String(outcome))
  return outcome
}

describe('a Kepler endpoint', () => {
  for (const dialect of ['legacy', 'current'] as const) {
    it(`of the ${dialect} line is read in its own dialect`, async (t) => {
      const node = createNode({ name: 'n1', ...(dialect === 'legacy' ? { microjoulesPerCount: 1000 } : {}) })
      node.startPod({ namespace: 'shop', pod: 'web', containers: [{ name: 'app', power: constant(10) }] })
      await using simulator = await startKeplerSimulator({ node, dialect })
      node.advance(10)
      const scrape = await sourceAt(t, simulator.url).read(never)
      assert.equal(scrape.dialect, dialect)
      const joules = readingsIn(scrape)
        .filter(
          ({ naming, mode }) =>
            naming.kind === 'named' && naming.workload.pod === 'web' && mode === 'dynamic',
        )
        .reduce((sum, reading) => sum + reading.joules, 0)
      assert.equal(joules, node.joulesUsed({ namespace: 'shop', pod: 'web', container: 'app' }))
    })
  }

  it('may change its dialect at any scrape', async (t) => {
    const node = createNode({ name: 'n1', microjoulesPerCount: 1000 })
    await using simulator = await startKeplerSimulator({ node, dialect: 'legacy' })
    const source = sourceAt(t, simulator.url)
    assert.equal((await source.read(never)).dialect, 'legacy')
    simulator.speak('current')
    assert.equal((await source.read(never)).dialect, 'current')
  })

  it('is told apart from others by an address without secrets', (t) => {
    assert.equal(
      sourceAt(t, 'http://127.0.0.1:9102/metrics?token=abc').target,
      'http://127.0.0.1:9102/metrics',
    )
  })

  it('may answer compressed', async (t) => {
    const url = await serve(t, (_request, response) => {
      response.writeHead(200, { ...text, 'content-encoding': 'gzip' }).end(gzipSync(exposition))
    })
    assert.equal(readingsIn(await sourceAt(t, url).read(never))[0]?.joules, 12.5)
  })

  it('is asked for OpenMetrics first, and for nothing compressed', async (t) => {
    let headers: http.IncomingHttpHeaders = {}
    const url = await serve(t, (request, response) => {
      headers = request.headers
      response.writeHead(200, text).end(exposition)
    })
    await sourceAt(t, url).read(never)
    assert.match(
      headers.accept ?? '',
      /^application\/openmetrics-text;version=1\.0\.0,text\/plain;version=0\.0\.4;q=0\.9/,
    )
    assert.equal(headers['accept-encoding'], 'identity')
    assert.equal(headers.authorization, undefined)
  })

  it('is asked once more when what was not needed of it is needed now', async (t) => {
    const part = exposition.replace('_joules', '_package_joules').replace('12.5', '9')
    const bodies = [exposition + part, exposition + part, part, part, part]
    let asked = 0
    const url = await serve(t, (_request, response) => {
      response.writeHead(200, text).end(bodies[asked])
      asked += 1
    })
    const source = sourceAt(t, url)
    const shown = async () =>
      readingsIn(await source.read(never)).map(({ component, joules }) => [component, joules])
    assert.deepEqual(await shown(), [['total', 12.5]])
    assert.deepEqual(await shown(), [['total', 12.5]])
    assert.equal(asked, 2)
    assert.deepEqual(await shown(), [['package', 9]])
    assert.equal(asked, 4)
    assert.deepEqual(await shown(), [['package', 9]])
    assert.equal(asked, 5)
  })

  it('is asked once more when its accelerators count by themselves now', async (t) => {
    const legacyPart = exposition.replace('_joules', '_gpu_joules').replace('12.5', '9')
    const current = (unit: string, zone: string, joules: number) =>
      `kepler_container_${unit}_joules_total{container_id="c1",container_name="app",node_name="n1",pod_id="p1",state="running"${zone}} ${joules}\n`
    const upgraded = current('cpu', ',zone="package"', 3) + current('gpu', '', 50)
    const bodies = [exposition + legacyPart, exposition + legacyPart, upgraded, upgraded]
    let asked = 0
    const url = await serve(t, (_request, response) => {
      response.writeHead(200, text).end(bodies[asked])
      asked += 1
    })
    const source = sourceAt(t, url)
    await source.read(never)
    await source.read(never)
    assert.deepEqual(
      readingsIn(await source.read(never)).map(({ component, joules }) => [component, joules]),
      [
        ['package', 3],
        ['gpu', 50],
      ],
    )
    assert.equal(asked, 4)
  })

  it('gives the same list of counters as long as nothing about them changes', async (t) => {
    const other = exposition.replaceAll('c1', 'c2')
    const bodies = [exposition, exposition, exposition, exposition + other, other, other]
    const url = await serve(t, (_request, response) => void response.writeHead(200, text).end(bodies.shift()))
    const source = sourceAt(t, url)
    const lists: unknown[] = []
    for (let scrape = 0; scrape < 6; scrape += 1)
      lists.push((await source.read(never)).nodes[0]?.readings.counters)
    assert.deepEqual(
      lists.map((list, scrape) => list === lists[scrape - 1]),
      [false, true, true, false, false, true],
    )
  })

  it('shows lines that cannot be read, and counters that cannot be', async (t) => {
    const url = await serve(t, (_request, response) => {
      response
        .writeHead(200, text)
        .end(`${exposition}kepler_container_joules_total{ 5\n${exposition.replace('12.5', 'NaN')}`)
    })
    const { unreadLines, nodes } = await sourceAt(t, url).read(never)
    assert.equal(unreadLines.count, 2)
    assert.equal(nodes[0]?.unreadLines, 2)
    assert.equal(nodes[0]?.readings.counters.length, 1)
  })
})

describe('an answer from which nothing can be taken', () => {
  const faults = [
    ['status-500', 'bad-status', /status 500: "An error has occurred/],
    ['html', 'not-an-exposition', /text\/html/],
    ['empty', 'empty', /empty body/],
    ['cut', 'cut-off', /closed the connection/],
    ['cut-clean', 'cut-off', /not whole/],
    ['no-power-families', 'no-power-families', /without any energy counter/],
  ] as const
  for (const [fault, failure, message] of faults) {
    it(`is told apart: ${fault}`, async (t) => {
      const node = createNode({ name: 'n1' })
      node.startPod({ namespace: 'shop', pod: 'web', containers: [{ name: 'app', power: constant(10) }] })
      await using simulator = await startKeplerSimulator({ node, dialect: 'current' })
      const source = sourceAt(t, simulator.url)
      simulator.failNext(fault)
      const error = await failureOf(source.read(never))
      assert.equal(error.failure, failure)
      assert.match(error.message, message)
      assert.ok(error.message.startsWith(simulator.url))
      assert.equal((await source.read(never)).nodes.length, 1, 'the next scrape carries on')
    })
  }

  const answers: readonly (readonly [string, ScrapeFailure, RequestListener])[] = [
    [
      'is an HTML page that calls itself text',
      'cut-off',
      (_, response) => response.writeHead(200, text).end('<html><body>no</body></html>'),
    ],
    [
      'is a text without a sample',
      'not-an-exposition',
      (_, response) => response.writeHead(200, text).end('# nothing here\n'),
    ],
    [
      'is a redirect',
      'bad-status',
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    ],
    [
      'has an unknown encoding',
      'not-an-exposition',
      (_, response) => response.writeHead(200, { ...text, 'content-encoding': 'br' }).end('x'),
    ],
    [
      'is compressed and cut off',
      'cut-off',
      (_, response) =>
        response
          .writeHead(200, { ...text, 'content-encoding': 'gzip' })
          .end(gzipSync(exposition.repeat(50)).subarray(0, 60)),
    ],
    [
      'is compressed and broken',
      'not-an-exposition',
      (_, response) =>
        response.writeHead(200, { ...text, 'content-encoding': 'gzip' }).end('not gzip at all'),
    ],
    [
      'is larger than is allowed',
      'too-large',
      (_, response) => response.writeHead(200, text).end(exposition.repeat(10_000)),
    ],
    [
      'is larger than is allowed once inflated',
      'too-large',
      (_, response) =>
        response
          .writeHead(200, { ...text, 'content-encoding': 'gzip' })
          .end(gzipSync(exposition.repeat(10_000))),
    ],
    [
      'shows more series than are allowed',
      'too-large',
      (_, response) =>
        response
          .writeHead(200, text)
          .end(Array.from({ length: 1001 }, (_unused, at) => exposition.replace('c1', `c${at}`)).join('')),
    ],
    [
      'shows more series than are allowed, of values that cannot be',
      'too-large',
      (_, response) =>
        response
          .writeHead(200, text)
          .end(
            Array.from({ length: 1001 }, (_unused, at) =>
              exposition.replace('c1', `c${at}`).replace('12.5', at === 0 ? '12.5' : 'NaN'),
            ).join(''),
          ),
    ],
    ['is not HTTP', 'not-an-exposition', (request) => request.socket.end('I am no web server\r\n\r\n')],
    [
      'is shorter than it says',
      'cut-off',
      (_, response) => {
        response.writeHead(200, { ...text, 'content-length': 5000 }).write(exposition)
        setImmediate(() => response.destroy())
      },
    ],
  ]
  for (const [title, failure, listener] of answers) {
    it(title, async (t) => {
      const error = await failureOf(sourceAt(t, await serve(t, listener)).read(never))
      assert.equal(error.failure, failure, error.message)
    })
  }

  it('does not come in time', async (t) => {
    const url = await serve(t, () => {})
    const error = await failureOf(sourceAt(t, url, { timeoutSeconds: 0.05 }).read(never))
    assert.equal(error.failure, 'timed-out')
    assert.match(error.message, /within the 0\.05 s of EXPORTER_TIMEOUT/)
  })

  it('does not end in time', async (t) => {
    const url = await serve(t, (_request, response) => void response.writeHead(200, text).write(exposition))
    assert.equal(
      (await failureOf(sourceAt(t, url, { timeoutSeconds: 0.05 }).read(never))).failure,
      'timed-out',
    )
  })

  it('comes from nobody', async (t) => {
    const server = http.createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const port = portOf(server)
    await new Promise((resolve) => server.close(resolve))
    const error = await failureOf(sourceAt(t, `http://127.0.0.1:${port}/metrics`).read(never))
    assert.equal(error.failure, 'unreachable')
    assert.match(error.message, /ECONNREFUSED/)
  })

  it('is not waited for once the service stops', async (t) => {
    const stop = new AbortController()
    const url = await serve(t, () => stop.abort())
    await assert.rejects(sourceAt(t, url).read(stop.signal))
  })
})

describe('a Kepler behind an access control', () => {
  it('gets the token that stands in the file at that moment', async (t) => {
    const seen: (string | undefined)[] = []
    const url = await serve(t, (request, response) => {
      seen.push(request.headers.authorization)
      response.writeHead(200, text).end(exposition)
    })
    const tokenFile = await temporaryFile(t, 'first-token\n')
    const source = sourceAt(t, url, { credentials: { kind: 'bearer', tokenFile } })
    await source.read(never)
    await writeFile(tokenFile, 'second-token')
    await source.read(never)
    assert.deepEqual(seen, ['Bearer first-token', 'Bearer second-token'])
  })

  it('gets user and password', async (t) => {
    let seen: string | undefined
    const url = await serve(t, (request, response) => {
      seen = request.headers.authorization
      response.writeHead(200, text).end(exposition)
    })
    const file = await temporaryFile(t, 'aladdin:opensesame\n')
    await sourceAt(t, url, { credentials: { kind: 'basic', file } }).read(never)
    assert.equal(seen, 'Basic YWxhZGRpbjpvcGVuc2VzYW1l')
  })

  it('is not asked when the secret cannot be read, and the secret is not told', async (t) => {
    const missing = sourceAt(t, 'http://127.0.0.1:1/metrics', {
      credentials: { kind: 'bearer', tokenFile: '/nowhere/token' },
    })
    const error = await failureOf(missing.read(never))
    assert.equal(error.failure, 'credentials-unreadable')
    assert.match(error.message, /EXPORTER_BEARER_TOKEN_FILE \(\/nowhere\/token\)/)
    const file = await temporaryFile(t, 'planted\nsecret')
    const broken = sourceAt(t, 'http://127.0.0.1:1/metrics', { credentials: { kind: 'basic', file } })
    const second = await failureOf(broken.read(never))
    assert.match(second.message, /one non-empty line/)
    assert.doesNotMatch(second.message, /planted|secret$/)
  })

  it('with a certificate of its own is trusted with EXPORTER_CA_FILE and not without', async (t) => {
    const fixtures = path.join(import.meta.dirname, '../../../test/fixtures/tls')
    const [authority, cert, key] = await Promise.all(
      ['authority.pem', 'server.pem', 'server.key.pem'].map((name) =>
        readFile(path.join(fixtures, name), 'utf8'),
      ),
    )
    assert.ok(cert !== undefined && key !== undefined)
    const server = https.createServer({ cert, key }, (_request, response) =>
      response.writeHead(200, text).end(exposition),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => server.close())
    const url = `https://localhost:${portOf(server)}/metrics`
    assert.equal((await sourceAt(t, url, { authority }).read(never)).nodes.length, 1)
    const error = await failureOf(sourceAt(t, url).read(never))
    assert.equal(error.failure, 'unreachable')
    assert.match(error.message, /certificate|UNABLE_TO_VERIFY|SELF_SIGNED/)
  })
})
