import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { setImmediate as nextTick } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { everyMetric } from '../../../test/prometheus/every-metric.ts'
import { serveApi } from '../../../test/served-api.ts'
import { parseExposition } from '../../exposition/parse.ts'
import { printPieces } from '../../exposition/print.ts'

async function served(t: TestContext) {
  const server = await serveApi({ ports: { metrics: (format) => printPieces(everyMetric(), format) } })
  t.after(() => server.close())
  const ask = (headers: Readonly<Record<string, string>> = {}) => server.inject({ url: '/metrics', headers })
  return { server, ask }
}

describe('GET /metrics', () => {
  it('is in the Prometheus text format for everybody', async (t) => {
    const { ask } = await served(t)
    const answer = await ask()
    assert.equal(answer.statusCode, 200)
    assert.equal(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
    assert.equal(answer.headers.vary, 'accept, accept-encoding')
    const outcome = parseExposition(answer.rawPayload, 'prometheus-text', { sample: () => {} })
    assert.deepEqual([outcome.badLines.count, outcome.ending], [0, 'complete'])
    assert.ok(outcome.samples > 50)
  })

  it('is in OpenMetrics for whoever prefers it', async (t) => {
    const { ask } = await served(t)
    const answer = await ask({ accept: 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5' })
    assert.equal(answer.headers['content-type'], 'application/openmetrics-text; version=1.0.0; charset=utf-8')
    const outcome = parseExposition(answer.rawPayload, 'openmetrics', { sample: () => {} })
    assert.deepEqual([outcome.badLines.count, outcome.ending], [0, 'complete'])
  })

  it('is gzipped where that is accepted', async (t) => {
    const { ask } = await served(t)
    const plain = await ask({ 'accept-encoding': 'br, gzip;q=0' })
    assert.equal(plain.headers['content-encoding'], undefined)
    for (const accepted of ['gzip', 'deflate, GZIP;q=0.5']) {
      const packed = await ask({ 'accept-encoding': accepted })
      assert.equal(packed.headers['content-encoding'], 'gzip')
      assert.equal(gunzipSync(packed.rawPayload).toString(), plain.body)
      assert.ok(packed.rawPayload.length < plain.rawPayload.length / 4)
    }
  })

  it('is printed no faster than it is read', async (t) => {
    let printed = 0
    function* endless(): Generator<string> {
      for (;;) {
        printed += 1
        yield `co2_x ${'1'.repeat(65_536)}\n`
      }
    }
    const server = await serveApi({ ports: { metrics: endless } })
    t.after(() => server.close())
    const url = new URL(await server.listen({ host: '127.0.0.1', port: 0 }))
    const socket = net.connect(Number(url.port), url.hostname)
    await once(socket, 'connect')
    socket.pause()
    socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')
    // The buffers on the way take some megabytes; then nothing more is printed.
    let before = -1
    for (let still = 0; still < 200; still = printed === before && printed > 0 ? still + 1 : 0) {
      before = printed
      await nextTick()
    }
    assert.ok(printed < 1000, `${printed} pieces for a client that reads nothing`)
    socket.destroy()
  })

  it('is only part of a scrape when it fails on the way: the connection breaks off', async (t) => {
    function* failing(): Generator<string> {
      yield 'co2_x 1\n'
      throw new Error('planted')
    }
    const server = await serveApi({ ports: { metrics: failing } })
    t.after(() => server.close())
    const url = await server.listen({ host: '127.0.0.1', port: 0 })
    for (const headers of [{ 'accept-encoding': 'identity' }, { 'accept-encoding': 'gzip' }]) {
      await assert.rejects(async () => (await fetch(`${url}/metrics`, { headers })).text())
    }
  })
})
