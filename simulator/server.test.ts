import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { describe, it } from 'node:test'
import { createNode, type SimulatedNode } from './hardware.ts'
import { constant } from './power.ts'
import { type KeplerSimulatorOptions, startKeplerSimulator } from './server.ts'

function busyNode(): SimulatedNode {
  const node = createNode({ name: 'node-a' })
  node.startPod({ namespace: 'shop', pod: 'web-1', containers: [{ name: 'app', power: constant(10) }] })
  node.advance(3)
  return node
}

const start = (options: Partial<KeplerSimulatorOptions> = {}) =>
  startKeplerSimulator({ node: busyNode(), dialect: 'current', ...options })

/** The raw answer: nothing is unpacked or negotiated for us. */
async function answerOf(url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const request = get(url, { headers, agent: false })
  const [response]: IncomingMessage[] = await once(request, 'response')
  if (response === undefined) throw new Error('no response')
  return response
}

async function textOf(url: string, headers: Record<string, string> = {}): Promise<string> {
  return (await fetch(url, { headers })).text()
}

describe('a Kepler simulator', () => {
  it('answers in the current dialect, in chunks', async () => {
    await using simulator = await start()
    const response = await answerOf(simulator.url)
    response.resume()
    assert.equal(response.statusCode, 200)
    assert.equal(
      response.headers['content-type'],
      'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
    )
    assert.equal(response.headers['transfer-encoding'], 'chunked')
    assert.match(await textOf(simulator.url), /^kepler_container_cpu_joules_total\{.*"app".*"package"\} 27$/m)
    assert.equal(simulator.requests(), 2)
  })

  it('answers in the legacy dialect', async () => {
    await using simulator = await start({ dialect: 'legacy' })
    const text = await textOf(simulator.url, { accept: 'application/openmetrics-text' })
    assert.match(
      text,
      /^kepler_container_joules_total\{.*"app".*mode="dynamic",pod_name="web-1",source=""\} 30$/m,
    )
    assert.doesNotMatch(text, /# EOF/)
  })

  it('changes its dialect as an upgrade would', async () => {
    await using simulator = await start({ dialect: 'legacy' })
    simulator.speak('current')
    assert.match(await textOf(simulator.url), /^kepler_pod_cpu_joules_total/m)
  })

  it('compresses when it is asked to', async () => {
    await using simulator = await start()
    const encodingFor = async (accepted: string) => {
      const response = await answerOf(simulator.url, { 'accept-encoding': accepted })
      response.resume()
      return response.headers['content-encoding']
    }
    assert.equal(await encodingFor('gzip'), 'gzip')
    assert.equal(await encodingFor('gzip;q=0.5, br'), 'gzip')
    assert.equal(await encodingFor('gzip;q=0'), undefined)
    assert.equal(await encodingFor('identity, gzip;q=0.5'), undefined)
    assert.match(await textOf(simulator.url), /kepler_build_info/)
  })

  it('speaks OpenMetrics when that is preferred', async () => {
    await using simulator = await start()
    const preferred = await fetch(simulator.url, {
      headers: { accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5' },
    })
    assert.match(
      preferred.headers.get('content-type') ?? '',
      /^application\/openmetrics-text; version=1\.0\.0/,
    )
    assert.match(await preferred.text(), /# TYPE kepler_container_cpu_joules counter\n[^]*\n# EOF\n$/)
    const second = await textOf(simulator.url, {
      accept: 'application/openmetrics-text;q=0.4,text/plain;q=0.5',
    })
    assert.doesNotMatch(second, /# EOF/)
  })

  it('knows no other path', async () => {
    await using simulator = await start()
    assert.equal((await fetch(new URL('/other', simulator.url))).status, 404)
    assert.equal(simulator.requests(), 0)
  })

  it('may require authorization', async () => {
    await using simulator = await start({ authorization: 'Bearer abc' })
    assert.equal((await fetch(simulator.url)).status, 401)
    assert.equal((await fetch(simulator.url, { headers: { authorization: 'Bearer abc' } })).status, 200)
  })

  it('rejects when the port is taken', async () => {
    await using simulator = await start()
    await assert.rejects(start({ port: simulator.port }), { code: 'EADDRINUSE' })
  })

  it('closes though an answer is open, and closes twice', async () => {
    const simulator = await start({ faults: ['slow'] })
    const asked = fetch(simulator.url)
    asked.catch(() => undefined)
    while (simulator.requests() === 0) await new Promise(setImmediate)
    await simulator.close()
    await simulator.close()
    await assert.rejects(asked)
  })
})

describe('a fault of a Kepler simulator', () => {
  it('lasts for as many requests as asked', async () => {
    await using simulator = await start()
    simulator.failNext('status-500', 2)
    const statuses = []
    for (let request = 0; request < 3; request += 1) statuses.push((await fetch(simulator.url)).status)
    assert.deepEqual(statuses, [500, 500, 200])
  })

  it('may be the recorded error', async () => {
    await using simulator = await start({ faults: ['status-500'] })
    assert.match(await textOf(simulator.url), /was collected before with the same name and label values/)
  })

  it('may be a page of a proxy, or nothing at all', async () => {
    await using simulator = await start({ faults: ['html', 'empty'] })
    const html = await fetch(simulator.url)
    assert.deepEqual([html.status, html.headers.get('content-type')], [200, 'text/html; charset=utf-8'])
    await html.text()
    assert.equal(await textOf(simulator.url), '')
  })

  it('may break the connection inside the body', async () => {
    await using simulator = await start({ faults: ['cut', 'cut'] })
    await assert.rejects(textOf(simulator.url))
    await assert.rejects(textOf(simulator.url, { 'accept-encoding': 'identity' }))
  })

  it('may end the body inside a line though HTTP calls it whole', async () => {
    await using simulator = await start({ faults: ['cut-clean'] })
    const [cut, whole] = [await textOf(simulator.url), await textOf(simulator.url)]
    assert.ok(whole.startsWith(cut))
    assert.ok(!cut.endsWith('\n') && cut.length > 1000)
  })

  it('may leave out the power', async () => {
    await using simulator = await start({ faults: ['no-power-families'] })
    const text = await textOf(simulator.url)
    assert.match(text, /kepler_build_info/)
    assert.doesNotMatch(text, /joules/)
  })

  it('may be a body without end', async () => {
    await using simulator = await start({ faults: ['endless'] })
    const response = await fetch(simulator.url)
    let received = 0
    for await (const chunk of response.body ?? []) {
      received += chunk.length
      if (received > 2e6) break
    }
    assert.ok(received > 2e6)
  })
})
