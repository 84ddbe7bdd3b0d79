import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createNode } from '../../simulator/hardware.ts'
import { constant } from '../../simulator/power.ts'
import { startKeplerSimulator } from '../../simulator/server.ts'
import { runService, startServiceProcess } from './service-process.ts'

const nowhere = { EXPORTER_URL: 'http://127.0.0.1:1/metrics' }

async function until<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const result = await attempt()
    if (result !== undefined) return result
    await pause(20)
  }
}

describe('starting', () => {
  it('is refused with one line for every setting that does not hold, and without a secret', async () => {
    const { code, stderr } = await runService({
      SAMPLE_INTERVAL: 'soon',
      PORT: '70000',
      MODE: 'cloud',
      TSDB_DSN: 'postgresql://u:planted-secret@h/db',
      EXPORTER_URL: 'ftp://kepler',
    })
    assert.equal(code, 1)
    const lines = stderr.trim().split('\n')
    assert.equal(lines.length, 4, stderr)
    for (const name of ['SAMPLE_INTERVAL', 'PORT', 'MODE', 'EXPORTER_URL']) {
      assert.ok(
        lines.some((line) => line.includes(`${name} holds`)),
        stderr,
      )
    }
    assert.doesNotMatch(stderr, /planted-secret/)
  })

  it('is refused with a line for every intensity that cannot be read', async () => {
    const { code, stderr } = await runService({ ...nowhere, CO2_INTENSITIES: 'DE=148,XX=5,FR=much' })
    assert.equal(code, 1)
    assert.match(stderr, /XX=5/)
    assert.match(stderr, /FR=much/)
  })

  it('is refused for a certificate bundle that is none', async () => {
    const { code, stderr } = await runService({ ...nowhere, EXPORTER_CA_FILE: 'package.json' })
    assert.equal(code, 1)
    assert.match(stderr, /EXPORTER_CA_FILE holds "package.json".*PEM/)
    assert.match((await runService({ ...nowhere, EXPORTER_CA_FILE: '/nowhere' })).stderr, /cannot be read/)
  })

  it('is refused when the port is taken', async () => {
    const server = net.createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    assert.ok(typeof address === 'object' && address !== null)
    const { code, stderr } = await runService({ ...nowhere, HOST: '127.0.0.1', PORT: String(address.port) })
    server.close()
    assert.equal(code, 1)
    assert.match(stderr, /EADDRINUSE/)
  })
})

describe('a service without a Kepler', () => {
  it('lives, is not ready, says why, and has no data', async () => {
    const service = await startServiceProcess({ ...nowhere, SAMPLE_INTERVAL: '1' })
    const health = await fetch(`${service.url}/healthz`)
    assert.equal(health.status, 200)
    const reasons = await until(async () => {
      const response = await fetch(`${service.url}/readyz`)
      assert.equal(response.status, 503)
      const body = await response.text()
      return body.includes('ECONNREFUSED') ? body : undefined
    })
    assert.match(reasons, /127\.0\.0\.1:1\/metrics has not been scraped successfully yet/)
    assert.equal(await service.stop(), 0)
  })
})

describe('a database that is named while MODE is not db', () => {
  it('is not used, and both the log and /readyz say so, without a secret', async () => {
    const service = await startServiceProcess({ ...nowhere, TSDB_DSN: 'postgresql://u:planted-secret@h/db' })
    const readiness = await (await fetch(`${service.url}/readyz`)).text()
    assert.match(readiness, /"warnings":\["TSDB_DSN is set and not used/)
    assert.ok(service.log.some((line) => line.includes('TSDB_DSN is set and not used')))
    assert.doesNotMatch(service.log.join('\n') + readiness, /planted-secret/)
    assert.equal(await service.stop(), 0)
  })
})

describe('a Kepler that fails now and then', () => {
  it('loses nothing: the next good scrape covers the time, and every failure shows', async () => {
    const node = createNode({ name: 'n1' })
    const container = { namespace: 'shop', pod: 'web', container: 'app' }
    node.startPod({ namespace: 'shop', pod: 'web', containers: [{ name: 'app', power: constant(10) }] })
    let isFrozen = false
    await using simulator = await startKeplerSimulator({
      node,
      dialect: 'current',
      beforeScrape() {
        if (!isFrozen) node.advance(1)
      },
    })
    const service = await startServiceProcess({ SAMPLE_INTERVAL: '1', EXPORTER_URL: simulator.url })
    const metric = async (name: string) => {
      const text = await (await fetch(`${service.url}/metrics`)).text()
      const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `))
      return Number(line?.slice(name.length))
    }
    await until(async () => ((await metric('co2_api_scrapes_total')) >= 1 ? true : undefined))
    // The first scrape sets the beginning, one second into the life of the node.
    const usedBefore = 10
    for (const fault of ['cut', 'html', 'status-500', 'empty'] as const) simulator.failNext(fault)
    await until(async () => ((await metric('co2_api_scrapes_total')) >= 3 ? true : undefined))
    // From here on scrapes find nothing more; the one that is under way may not have been entered yet.
    isFrozen = true
    const used = node.joulesUsed(container)
    const expected = used - usedBefore
    const counted = await until(async () => {
      const response = await fetch(`${service.url}/api/co2-per-container`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...container, n: 100 }),
      })
      const text = await response.text()
      assert.match(text, /"gap"/)
      const joules = Number(/"energy_j":([\d.]+)/.exec(text)?.[1])
      return joules > expected - 1e-9 * used ? joules : undefined
    })
    assert.ok(Math.abs(counted - expected) < 1e-9 * used, `${counted} J of ${expected} J`)
    for (const reason of ['cut-off', 'not-an-exposition', 'bad-status', 'empty']) {
      assert.equal(await metric(`co2_api_scrape_failures_total{reason="${reason}"}`), 1)
      assert.ok(service.log.some((line) => line.includes(`"failure":"${reason}"`)))
    }
    assert.equal(await service.stop(), 0)
  })
})

describe('stopping', () => {
  it('answers the request that is under way, and ends with 0', async () => {
    const service = await startServiceProcess(nowhere)
    const { hostname, port } = new URL(service.url)
    const socket = net.connect(Number(port), hostname)
    await once(socket, 'connect')
    const body = JSON.stringify({ pod: 'a', container: 'b', namespace: 'c' })
    socket.write(
      `POST /api/co2-per-container HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
    )
    // The request has begun when the server has read its head; only then is it under way.
    await until(async () => ((await fetch(`${service.url}/healthz`)).ok ? true : undefined))
    const stopped = service.stop()
    await until(async () => (service.log.some((line) => line.includes('"stopping"')) ? true : undefined))
    socket.write(body)
    const [answer]: unknown[] = await once(socket, 'data')
    assert.match(String(answer), /^HTTP\/1\.1 404 .*No data found for the selected window/s)
    assert.equal(await stopped, 0)
  })

  it('ends the streams that are listened to instead of waiting for them', async () => {
    const service = await startServiceProcess(nowhere)
    const response = await fetch(`${service.url}/api/v1/stream`)
    const text = response.text()
    assert.equal(await service.stop(), 0)
    assert.match(await text, /^id: 0\nevent: hello\ndata: /)
  })

  it('does not wait for connections without a request', async () => {
    const service = await startServiceProcess(nowhere)
    const { hostname, port } = new URL(service.url)
    const socket = net.connect(Number(port), hostname)
    await once(socket, 'connect')
    const closed = once(socket, 'close')
    assert.equal(await service.stop(), 0)
    socket.resume()
    await closed
  })
})
