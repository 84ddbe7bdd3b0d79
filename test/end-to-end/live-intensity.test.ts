import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startServiceProcess } from './service-process.ts'

/**
 * A container draws a known power while its grid's intensity changes, and a figure is corrected later. The grams as they
 * were known before the correction, and now, are worked out by hand from the answer's own timestamps.
 */

const joulesPerScrape = 7.2
const container = { namespace: 'shop', pod: 'web', container: 'app' }

async function serve(t: TestContext, answer: (url: URL) => string, type: string): Promise<string> {
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    response.writeHead(200, { 'content-type': type }).end(answer(url))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return `http://127.0.0.1:${address.port}`
}

const iso = (at: number) => new Date(at).toISOString()

/** Kepler, whose counter is a few joules further at every scrape. */
function countingKepler(): () => string {
  let scrapes = 0
  return () => {
    scrapes += 1
    const joules = (scrapes * joulesPerScrape).toFixed(3)
    return `kepler_container_joules_total{container_id="c1",container_name="app",pod_name="web",container_namespace="shop",mode="dynamic"} ${joules}\n`
  }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition().catch(() => false))) await pause(50)
}

type Measurement = {
  from: string
  timestamp: string
  co2_g: number
  intensity_g_per_kwh: number
  intensity_source: string
}

/** Grams of a sample: its joules, spread evenly, times 100 g/kWh before `change` and `after` from then on. */
function gramsByHand({ from, timestamp }: Measurement, change: number, after: number): number {
  const [begin, end] = [Date.parse(from), Date.parse(timestamp)]
  const before = Math.min(Math.max((change - begin) / (end - begin), 0), 1)
  return (joulesPerScrape * (before * 100 + (1 - before) * after)) / 3_600_000
}

describe('a grid whose intensity changes and is corrected later', () => {
  it('is answered with what is known now, and with what was known before the correction', async (t) => {
    const hour = 3_600_000
    const start = Date.now()
    let change = Number.POSITIVE_INFINITY
    let secondFigure = 300
    const grid = await serve(
      t,
      () =>
        JSON.stringify({
          data: [
            { start: iso(start - hour), end: iso(Math.min(change, start + hour)), intensity: 100 },
            ...(change < start + hour
              ? [{ start: iso(change), end: iso(start + hour), intensity: secondFigure }]
              : []),
          ],
        }),
      'application/json',
    )
    const directory = await mkdtemp(path.join(os.tmpdir(), 'co2-api-grid-'))
    t.after(() => rm(directory, { recursive: true }))
    const endpoint = path.join(directory, 'endpoint.json')
    await writeFile(
      endpoint,
      JSON.stringify({
        url: `${grid}/intensity?zone={zone}&from={from}&to={to}`,
        items: '/data',
        from: '/start',
        to: '/end',
        value: '/intensity',
        unit: 'gCO2e/kWh',
        zones: ['DE'],
        basis: 'lifecycle',
      }),
    )
    const environment = {
      SAMPLE_INTERVAL: '1',
      DB_FLUSH_INTERVAL: '1',
      DATA_DIR: directory,
      EXPORTER_URL: `${await serve(t, countingKepler(), 'text/plain; version=0.0.4')}/metrics`,
      INTENSITY_SOURCES: 'endpoint',
      INTENSITY_ENDPOINT: endpoint,
      COUNTRIES: 'DE',
    }
    const ask = async (url: string, more: object = {}): Promise<readonly Measurement[]> => {
      const response = await fetch(`${url}/api/co2-per-container`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...container, n: 1000, ...more }),
      })
      const answer: unknown = await response.json()
      assert.equal(response.status, 200, JSON.stringify(answer))
      assert.ok(isAnswer(answer))
      return answer.results.DE.measurements
    }
    const means = async (url: string) =>
      new Set((await ask(url)).map(({ intensity_g_per_kwh: mean }) => mean))

    // Through the change, which the grid does not tell before it has come.
    const first = await startServiceProcess(environment)
    await until(async () => (await ask(first.url)).length >= 3)
    change = Date.now()
    await until(async () => (await ask(first.url)).some(({ from }) => Date.parse(from) > change))
    assert.equal(await first.stop(), 0)
    // Now it does, but not yet the right one.
    const wrong = await startServiceProcess(environment)
    await until(async () => (await means(wrong.url)).has(300))
    assert.equal(await wrong.stop(), 0)
    const beforeCorrection = new Date().toISOString()

    secondFigure = 250
    const second = await startServiceProcess(environment)
    await until(async () => (await means(second.url)).has(250))
    const now = (await ask(second.url)).filter(({ timestamp }) => timestamp < beforeCorrection)
    const then = (await ask(second.url, { as_of: beforeCorrection })).filter(
      ({ timestamp }) => timestamp < beforeCorrection,
    )
    assert.ok(now.length >= 4)
    assert.equal(now.length, then.length)
    now.forEach((measurement, at) => {
      const known = then[at]
      assert.ok(known !== undefined)
      for (const [grams, expected] of [
        [measurement.co2_g, gramsByHand(measurement, change, 250)],
        [known.co2_g, gramsByHand(measurement, change, 300)],
      ] as const) {
        assert.ok(Math.abs(grams - expected) <= 1e-6 * expected, `${grams} g instead of ${expected} g`)
      }
      assert.equal(measurement.intensity_source, 'INTENSITY_ENDPOINT')
    })
    assert.ok(now.some((measurement) => measurement.intensity_g_per_kwh === 100))
    assert.ok(then.some((measurement) => measurement.intensity_g_per_kwh === 300))
    assert.equal(await second.stop(), 0)
  })
})

describe('keys and passwords', () => {
  it('appear in no log, error, answer or metric', async () => {
    const secret = 'planted-secret-4711'
    const service = await startServiceProcess({
      EXPORTER_URL: 'http://127.0.0.1:1/metrics',
      SAMPLE_INTERVAL: '1',
      LOG_LEVEL: 'trace',
      INTENSITY_SOURCES: 'electricity-maps,eia,watttime,entsoe',
      ELECTRICITYMAPS_TOKEN: secret,
      ENTSOE_TOKEN: secret,
      EIA_API_KEY: secret,
      WATTTIME_USERNAME: 'user',
      WATTTIME_PASSWORD: secret,
    })
    const told: string[] = []
    const paths = [
      '/metrics',
      '/readyz',
      '/api/v1/intensity/sources',
      '/api/v1/intensity?zone=DE',
      '/openapi.json',
    ]
    // Nobody asks about a zone, so nobody outside is asked either; what sources say when they fail is tested with them.
    for (const each of paths) told.push(await (await fetch(`${service.url}${each}`)).text())
    assert.equal(await service.stop(), 0)
    assert.ok(told.some((text) => text.includes('electricity-maps')))
    assert.equal([...told, ...service.log].join('\n').includes(secret), false)
  })
})

function isAnswer(answer: unknown): answer is { results: { DE: { measurements: Measurement[] } } } {
  return typeof answer === 'object' && answer !== null && 'results' in answer
}
