import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import {
  atSecond,
  busybox,
  configured,
  createTestLedger,
  recordCounter,
  serveApi,
} from '../../../test/served-api.ts'
import type { Readiness } from './api-ports.ts'

describe('GET /api/containers', () => {
  it('lists every container that is known', async (t) => {
    const ledger = createTestLedger()
    const web = { namespace: 'shop', pod: 'web-1', container: 'app' }
    recordCounter(ledger, [[0, 1]], busybox)
    recordCounter(ledger, [[0, 1]], web)
    const server = await serveApi({ ports: { workloads: async () => ledger.workloads() } })
    t.after(() => server.close())
    const answer = await server.inject('/api/containers')
    assert.equal(answer.statusCode, 200)
    assert.deepEqual(answer.json(), [
      { pod: 'busybox-worker', container: 'busybox', namespace: 'default' },
      { pod: 'web-1', container: 'app', namespace: 'shop' },
    ])
  })

  it('is an empty list before anything is known, with or without a slash at the end', async (t) => {
    const server = await serveApi()
    t.after(() => server.close())
    assert.equal((await server.inject('/api/containers')).body, '[]')
    assert.equal((await server.inject('/api/containers/')).body, '[]')
  })
})

describe('GET /api/co2-intensities', async () => {
  const server = await serveApi({
    facts: [
      configured('FR', 20),
      configured('DE', 148.5),
      configured('PL', 650, {
        source: 'ember-annual',
        method: { kind: 'annual-average', year: 2025 },
        rank: 1000,
      }),
      configured('JP', 480, { valid: { from: atSecond(3600), to: atSecond(7200) } }),
    ],
  })
  after(() => server.close())

  it('is the latest figure of each country that has one now', async () => {
    const answer = await server.inject('/api/co2-intensities')
    assert.equal(answer.statusCode, 200)
    assert.deepEqual(answer.json(), { DE: 148.5, FR: 20, PL: 650 })
    assert.equal((await server.inject('/api/co2-intensities?detail=false')).body, answer.body)
  })

  it('says with detail=true where each figure comes from', async () => {
    const answer = await server.inject('/api/co2-intensities?detail=true')
    assert.deepEqual(answer.json(), {
      DE: { g_per_kwh: 148.5, intensity_source: 'override', intensity_method: 'configured' },
      FR: { g_per_kwh: 20, intensity_source: 'override', intensity_method: 'configured' },
      PL: {
        g_per_kwh: 650,
        intensity_source: 'ember-annual',
        intensity_method: 'annual-average',
        intensity_year: 2025,
      },
    })
  })

  it('accepts nothing else as detail', async () => {
    const answer = await server.inject('/api/co2-intensities?detail=yes')
    assert.deepEqual(
      [answer.statusCode, answer.json()],
      [400, { error: 'detail is "yes"; detail must be true or false' }],
    )
  })
})

describe('GET /healthz', () => {
  it('says since when the process lives', async (t) => {
    const server = await serveApi()
    t.after(() => server.close())
    const answer = await server.inject('/healthz')
    assert.equal(answer.statusCode, 200)
    assert.deepEqual(answer.json(), { status: 'ok', started_at: '2026-02-11T10:00:00.000000+00:00' })
  })
})

describe('GET /readyz', () => {
  async function readyzWith(readiness: Partial<Readiness>) {
    const server = await serveApi({
      ports: {
        readiness: () => ({
          isReady: true,
          reasons: [],
          warnings: [],
          lastScrapeSuccessAt: undefined,
          lastScrapeFailureAt: undefined,
          ...readiness,
        }),
      },
    })
    const answer = await server.inject('/readyz')
    await server.close()
    return [answer.statusCode, answer.json()]
  }

  it('is 200 while the service can be relied on, with what is wrong all the same', async () => {
    const warnings = ['node-b has not been scraped successfully yet.']
    assert.deepEqual(await readyzWith({ lastScrapeSuccessAt: atSecond(10), warnings }), [
      200,
      {
        ready: true,
        reasons: [],
        warnings,
        last_kepler_scrape_success: '2026-02-11T10:00:10.000000+00:00',
        last_kepler_scrape_error: null,
      },
    ])
  })

  it('is 503 otherwise, with the reasons', async () => {
    const reasons = ['the exporter is unreachable']
    assert.deepEqual(await readyzWith({ isReady: false, reasons, lastScrapeFailureAt: atSecond(20) }), [
      503,
      {
        ready: false,
        reasons,
        warnings: [],
        last_kepler_scrape_success: null,
        last_kepler_scrape_error: '2026-02-11T10:00:20.000000+00:00',
      },
    ])
  })
})

describe('GET /readyz?verbose', () => {
  it('tells of every exporter that is read', async (t) => {
    const untouched = {
      dialect: undefined,
      nodes: [],
      failuresInARow: 0,
      notes: [],
      lastScrapeSeconds: undefined,
    }
    const status = { ...untouched, unreadLines: { count: 0, first: [] } }
    const server = await serveApi({
      ports: {
        targets: () => [
          {
            ...status,
            target: 'http://a/metrics',
            state: 'ok',
            lastSuccessAt: atSecond(10),
            lastFailure: undefined,
          },
          {
            ...status,
            target: 'http://b/metrics',
            state: 'never',
            lastSuccessAt: undefined,
            lastFailure: { at: atSecond(10), failure: 'unreachable', message: 'it is unreachable' },
          },
        ],
      },
    })
    t.after(() => server.close())
    assert.deepEqual((await server.inject('/readyz?verbose')).json().targets, [
      {
        target: 'http://a/metrics',
        state: 'ok',
        last_success: '2026-02-11T10:00:10.000000+00:00',
        last_error: null,
      },
      { target: 'http://b/metrics', state: 'never', last_success: null, last_error: 'it is unreachable' },
    ])
    for (const url of ['/readyz', '/readyz?verbose=false'])
      assert.equal((await server.inject(url)).json().targets, undefined)
  })
})

describe('the server on a socket', () => {
  it('answers as it does without one, and lets go of idle connections when it is closed', async (t) => {
    const server = await serveApi({
      counter: [
        [0, 0],
        [10, 30],
      ],
    })
    t.after(() => server.close())
    const url = await server.listen({ host: '127.0.0.1', port: 0 })
    const answer = await fetch(`${url}/api/co2-per-container`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(busybox),
    })
    assert.equal(answer.status, 200)
    const { measurement_count, results } = JSON.parse(await answer.text())
    assert.equal(measurement_count, 1)
    // 30 J x 148 g/kWh / 3.6e6 J/kWh
    assert.equal(results.DE.co2_g.toPrecision(6), '0.00123333')
    await server.close()
    await assert.rejects(fetch(`${url}/healthz`))
  })
})
