import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'

/**
 * Two recordings of real Kepler, one of each dialect, are served with counters that advance by known joules at every
 * scrape. Every number of the answer is then worked out again, from the joules and the answer's own timestamps.
 */

const fixtures = path.join(import.meta.dirname, '../fixtures/kepler')
const currentContainer = { namespace: 'shop', pod: 'web-7d9fbd5c4-abcde', container: 'app' }
const currentId = '84bd83c9fa033499bf350b0c61d7998fdc8f00d307b70d553f2fa89482b65903'
const packageJoules = 30.25
const dramJoules = 2.75
const legacyContainer = { namespace: 'kube-system', pod: 'etcd-node-b', container: 'etcd' }
const legacyId = 'b203b9cd660d31960513f23fcb8f605644c402a1d980793552bcc24976c19926'
const totalJoules = 11.5

/** The recorded text with the value of every line that `pattern` matches raised by `joules`. */
function raised(text: string, pattern: RegExp, joules: number): string {
  return text.replace(pattern, (_line, head: string, value: string) => `${head} ${Number(value) + joules}`)
}

function currentBody(recorded: string, scrapes: number): string {
  const line = (zone: string) =>
    new RegExp(
      `^(kepler_container_cpu_joules_total\\{container_id="${currentId}".*zone="${zone}"\\}) (\\S+)$`,
      'm',
    )
  const withPackage = raised(recorded, line('package'), scrapes * packageJoules)
  return raised(withPackage, line('dram'), scrapes * dramJoules)
}

function legacyBody(recorded: string, scrapes: number): string {
  const line = new RegExp(
    `^(kepler_container_joules_total\\{container_id="${legacyId}".*mode="dynamic".*\\}) (\\S+)$`,
    'm',
  )
  return raised(recorded, line, scrapes * totalJoules)
}

async function serve(bodyOf: (scrapes: number) => string): Promise<http.Server> {
  let scrapes = 0
  const server = http.createServer((_request, response) => {
    response
      .writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
      .end(bodyOf(scrapes))
    scrapes += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function urlOf(server: http.Server): string {
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return `http://127.0.0.1:${address.port}/metrics`
}

/** Austria's intensity in this test: 100 g/kWh in the first half of every second, 300 in the second half. */
function alternatingIntensities(from: number, seconds: number): string {
  const rows = Array.from({ length: seconds }, (_, second) => {
    const [begin, middle, end] = [0, 500, 1000].map((ms) => new Date(from + second * 1000 + ms).toISOString())
    return `AT,${begin},${middle},100\nAT,${middle},${end},300`
  })
  return `zone,from,to,g_per_kwh\n${rows.join('\n')}\n`
}

/** Milliseconds of [from, to) that lie in the first half of a second. */
function millisecondsInFirstHalves(from: number, to: number): number {
  let sum = 0
  for (let second = Math.floor(from / 1000) * 1000; second < to; second += 1000) {
    sum += Math.max(0, Math.min(to, second + 500) - Math.max(from, second))
  }
  return sum
}

type Measurement = {
  timestamp: string
  from: string
  interval_s: number
  joules_per_second: number
  energy_j: number
  co2_gps: number
  co2_g: number
  intensity_g_per_kwh: number
  intensity_source: string
  intensity_method: string
  intensity_year?: number
  flags: string[]
}

type Answer = {
  selection_mode: string
  measurement_count: number
  start_time: string
  end_time: string
  results: Record<string, { co2_g: number; energy_j: number; coverage: number; measurements: Measurement[] }>
}

function almostEqual(actual: number, expected: number, what: string): void {
  assert.ok(
    Math.abs(actual - expected) <= 1e-9 * Math.abs(expected),
    `${what}: ${actual} instead of ${expected}`,
  )
}

describe('the running service', () => {
  let service: ServiceProcess
  let exporters: readonly http.Server[]
  let folder: string

  const ask = (body: object) =>
    fetch(`${service.url}/api/co2-per-container`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  async function answered(body: object): Promise<Answer> {
    const response = await ask(body)
    const answer: unknown = await response.json()
    assert.equal(response.status, 200, JSON.stringify(answer))
    assert.ok(isAnswer(answer))
    return answer
  }

  before(async () => {
    const [current, legacy] = await Promise.all([
      readFile(path.join(fixtures, 'main-13944a69/01-baseline.prom'), 'utf8'),
      readFile(path.join(fixtures, 'v0.9.0/50a-legacy-v0.9.0-idle0.prom'), 'utf8'),
    ])
    // The two recordings are of one host. Here they are two nodes, with pods of their own.
    const otherNode = legacy.replaceAll('node-a', 'node-b').replaceAll('7d9fbd5c4-abcde', '7d9fbd5c4-fghij')
    exporters = [await serve((n) => currentBody(current, n)), await serve((n) => legacyBody(otherNode, n))]
    folder = await mkdtemp(path.join(os.tmpdir(), 'co2-api-e2e-'))
    const intensityFile = path.join(folder, 'intensities.csv')
    const now = Math.floor(Date.now() / 1000) * 1000
    await writeFile(intensityFile, alternatingIntensities(now - 10_000, 120))
    service = await startServiceProcess({
      SAMPLE_INTERVAL: '1',
      EXPORTER_URL: exporters.map(urlOf).join(','),
      CO2_INTENSITIES: 'DE=148,FR=20',
      INTENSITY_FILE: intensityFile,
    })
    const enough = async () => {
      const responses = await Promise.all([
        ask({ ...currentContainer, n: 3 }),
        ask({ ...legacyContainer, n: 3 }),
      ])
      const answers: unknown[] = await Promise.all(responses.map((response) => response.json()))
      return answers.every((answer) => isAnswer(answer) && answer.measurement_count === 3)
    }
    while (!(await enough())) await pause(50)
  })

  after(async () => {
    for (const exporter of exporters) exporter.close()
    assert.equal(await service.stop(), 0)
    await rm(folder, { recursive: true })
  })

  const containers = [
    ['current', currentContainer, packageJoules + dramJoules],
    ['legacy', legacyContainer, totalJoules],
  ] as const
  for (const [dialect, container, joules] of containers) {
    it(`answers with the joules that the ${dialect} Kepler counted, over the time that passed`, async () => {
      const answer = await answered({ ...container, countries: ['DE', 'FR', 'AT', 'PL'], n: 3 })
      assert.equal(answer.selection_mode, 'last_n')
      assert.equal(answer.measurement_count, 3)
      const gramsPerKwh = { DE: 148, FR: 20, PL: 565 }
      for (const [country, expectedIntensity] of Object.entries(gramsPerKwh)) {
        const result = answer.results[country]
        assert.ok(result !== undefined)
        assert.equal(result.measurements.length, 3)
        assert.equal(result.coverage, 1)
        almostEqual(result.energy_j, 3 * joules, 'energy')
        almostEqual(result.co2_g, (3 * joules * expectedIntensity) / 3_600_000, 'grams')
        for (const measurement of result.measurements) {
          const seconds = (Date.parse(measurement.timestamp) - Date.parse(measurement.from)) / 1000
          assert.equal(measurement.interval_s, seconds)
          almostEqual(measurement.energy_j, joules, 'energy')
          almostEqual(measurement.joules_per_second, joules / seconds, 'power')
          almostEqual(measurement.intensity_g_per_kwh, expectedIntensity, 'intensity')
          almostEqual(measurement.co2_g, (joules * expectedIntensity) / 3_600_000, 'grams')
          almostEqual(measurement.co2_gps, ((joules / seconds) * expectedIntensity) / 3_600_000, 'rate')
          assert.deepEqual(measurement.flags, [])
          assert.equal(
            measurement.intensity_source,
            country === 'PL' ? 'electricity-maps-annual' : 'CO2_INTENSITIES',
          )
          assert.equal(measurement.intensity_method, country === 'PL' ? 'annual-average' : 'configured')
          assert.equal(measurement.intensity_year, country === 'PL' ? 2025 : undefined)
        }
        assert.equal(answer.start_time, result.measurements[0]?.timestamp)
        assert.equal(answer.end_time, result.measurements[2]?.timestamp)
      }
    })

    it(`integrates an intensity that changes within a sample of the ${dialect} Kepler`, async () => {
      const { results } = await answered({ ...container, countries: ['AT'], n: 3 })
      let sum = 0
      for (const { from, timestamp, co2_g: grams, intensity_g_per_kwh: mean } of results['AT']
        ?.measurements ?? []) {
        const [begin, end] = [Date.parse(from), Date.parse(timestamp)]
        const atHundred = millisecondsInFirstHalves(begin, end) / (end - begin)
        const expected = (joules * atHundred * 100 + joules * (1 - atHundred) * 300) / 3_600_000
        almostEqual(grams, expected, 'grams')
        almostEqual(mean, 100 * atHundred + 300 * (1 - atHundred), 'mean intensity')
        sum += expected
      }
      almostEqual(results['AT']?.co2_g ?? 0, sum, 'sum')
    })
  }

  it('answers a range with the measurements that end in it, both ends included', async () => {
    const { results } = await answered({ ...currentContainer, n: 3 })
    const [first, , third] = results['DE']?.measurements ?? []
    assert.ok(first !== undefined && third !== undefined)
    const range = await answered({
      ...currentContainer,
      start_time: first.timestamp,
      end_time: third.timestamp,
    })
    assert.equal(range.selection_mode, 'range')
    assert.deepEqual(
      range.results['DE']?.measurements.map(({ timestamp }) => timestamp),
      results['DE']?.measurements.map(({ timestamp }) => timestamp),
    )
  })

  it('knows the containers of both dialects', async () => {
    const response = await fetch(`${service.url}/api/containers`)
    const listed: unknown = await response.json()
    assert.ok(Array.isArray(listed))
    const names = new Set(listed.map((entry: unknown) => JSON.stringify(entry)))
    for (const { pod, container, namespace } of [currentContainer, legacyContainer]) {
      assert.ok(names.has(JSON.stringify({ pod, container, namespace })))
    }
  })

  it('is ready, and says when it last read Kepler', async () => {
    const response = await fetch(`${service.url}/readyz`)
    assert.equal(response.status, 200)
    const body: unknown = await response.json()
    assert.ok(typeof body === 'object' && body !== null && 'last_kepler_scrape_success' in body)
    assert.ok(Date.now() - Date.parse(String(body.last_kepler_scrape_success)) < 10_000)
  })
})

function isAnswer(answer: unknown): answer is Answer {
  return typeof answer === 'object' && answer !== null && 'results' in answer && 'measurement_count' in answer
}
