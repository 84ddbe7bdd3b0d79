import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { parse } from 'csv-parse/sync'
import { createNode } from '../../simulator/hardware.ts'
import { constant } from '../../simulator/power.ts'
import { type KeplerSimulator, startKeplerSimulator } from '../../simulator/server.ts'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'

/**
 * Two simulated nodes, one of each dialect, and the real process, which keeps what it measures in a file: what its endpoints say of the same samples must be
 * one and the same, however it is cut into groups.
 */

type Container = { readonly namespace: string; readonly pod: string; readonly container: string }
type Measurement = { readonly timestamp: string; readonly from: string }
type ZoneResult = {
  readonly energy_j: number
  readonly co2_g: number
  readonly measurements: readonly Measurement[]
}
type Totals = { readonly energy_j: number; readonly co2_g: Readonly<Record<string, number>> }
type Report = {
  readonly total: Totals
  readonly coverage: number
  readonly groups: readonly (Totals & { readonly key: Readonly<Record<string, string | null>> })[]
}

const onCurrent: readonly Container[] = [
  { namespace: 'shop', pod: 'web-7d4b9c6f5d-x2x9z', container: 'app' },
  { namespace: 'shop', pod: 'web-7d4b9c6f5d-x2x9z', container: 'proxy' },
  { namespace: 'batch', pod: 'encoder-0', container: 'ffmpeg' },
]
const onLegacy: readonly Container[] = [
  { namespace: 'shop', pod: 'db-0', container: 'postgres' },
  { namespace: 'monitoring', pod: 'prometheus-0', container: 'prometheus' },
]

/** 100 g/kWh in the first half of every second, 300 in the second half. */
function alternatingIntensities(zone: string, from: number, seconds: number): string {
  const rows = Array.from({ length: seconds }, (_, second) => {
    const [begin, middle, end] = [0, 500, 1000].map((ms) => new Date(from + second * 1000 + ms).toISOString())
    return `${zone},${begin},${middle},100\n${zone},${middle},${end},300`
  })
  return `zone,from,to,g_per_kwh\n${rows.join('\n')}\n`
}

function almostEqual(actual: number | undefined, expected: number, what: string): void {
  assert.ok(
    Math.abs((actual ?? Number.NaN) - expected) <= 1e-9 * Math.abs(expected),
    `${what}: ${actual} instead of ${expected}`,
  )
}

describe('the sums of the running service', () => {
  let service: ServiceProcess
  let simulators: readonly KeplerSimulator[]
  let folder: string
  const zones = ['DE', 'AT'] as const

  async function simulate(name: string, dialect: 'current' | 'legacy', containers: readonly Container[]) {
    const node = createNode({ name })
    for (const [pod, inPod] of Map.groupBy(containers, ({ pod }) => pod)) {
      node.startPod({
        namespace: inPod[0]?.namespace ?? '',
        pod,
        containers: inPod.map(({ container }, at) => ({ name: container, power: constant(3.3 + at) })),
      })
    }
    return startKeplerSimulator({ node, dialect, beforeScrape: () => node.advance(1) })
  }

  async function resultsOf(
    container: Container,
    more: object,
  ): Promise<Readonly<Record<string, ZoneResult>>> {
    const response = await fetch(`${service.url}/api/co2-per-container`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...container, countries: zones, ...more }),
    })
    const answer: unknown = await response.json()
    return isContractAnswer(answer) ? answer.results : {}
  }

  async function report(query: string): Promise<Report> {
    const response = await fetch(`${service.url}/api/v1/emissions?zone=DE,AT&${query}`)
    const answer: unknown = await response.json()
    assert.ok(response.status === 200 && isReport(answer), JSON.stringify(answer))
    return answer
  }

  /** The ends of the fifth and the second sample from last of a container: the time of three samples between them. */
  async function threeSamplesOf(container: Container) {
    const measurements = (await resultsOf(container, { n: 5 }))['DE']?.measurements ?? []
    const [from, to] = [measurements[0]?.timestamp ?? '', measurements[3]?.timestamp ?? '']
    return { from, to, query: `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}` }
  }

  before(async () => {
    simulators = await Promise.all([
      simulate('node-a', 'current', onCurrent),
      simulate('node-b', 'legacy', onLegacy),
    ])
    folder = await mkdtemp(path.join(os.tmpdir(), 'co2-api-groups-'))
    const intensityFile = path.join(folder, 'intensities.csv')
    const now = Math.floor(Date.now() / 1000) * 1000
    await writeFile(intensityFile, alternatingIntensities('AT', now - 10_000, 120))
    service = await startServiceProcess({
      SAMPLE_INTERVAL: '1',
      EXPORTER_URL: simulators.map(({ url }) => url).join(','),
      CO2_INTENSITIES: 'DE=148',
      INTENSITY_FILE: intensityFile,
      DATA_DIR: folder,
      DB_FLUSH_INTERVAL: '1',
    })
    const hasFive = async (container: Container) =>
      (await resultsOf(container, { n: 5 }))['DE']?.measurements.length === 5
    const all = [...onCurrent, ...onLegacy]
    while (!(await Promise.all(all.map(hasFive))).every(Boolean)) await pause(50)
  })

  after(async () => {
    for (const simulator of simulators) await simulator.close()
    assert.equal(await service.stop(), 0)
    await rm(folder, { recursive: true })
  })

  for (const [node, containers] of [
    ['node-a', onCurrent],
    ['node-b', onLegacy],
  ] as const) {
    it(`are those of the contract’s endpoint, sample by sample, on ${node}`, async () => {
      const [first] = containers
      assert.ok(first !== undefined)
      const { from, to, query } = await threeSamplesOf(first)
      // The contract selects by the ends of samples, with both ends of the range.
      const afterFrom = new Date(Date.parse(from) + 1).toISOString()
      const byContainer = await report(`${query}&node=${node}&group_by=container`)
      const byNamespace = await report(`${query}&node=${node}&group_by=namespace`)
      // Kepler itself adds a container for the processes outside of pods; in the current dialect it bears no names.
      const named = byContainer.groups.filter(({ key }) => key['pod'] !== null)
      const unnamed = byContainer.groups.find(({ key }) => key['pod'] === null)
      const measured = named.map(({ key }) => containerOf(key))
      for (const container of containers) assert.ok(measured.some((other) => isSame(other, container)))
      assert.equal(byContainer.coverage, 1)
      const expected: Record<string, number> = { joules: unnamed?.energy_j ?? 0, ...unnamed?.co2_g }
      for (const container of measured) {
        const results = await resultsOf(container, { start_time: afterFrom, end_time: to })
        assert.equal(results['DE']?.measurements.length, 3)
        const group = byContainer.groups.find(({ key }) => isSame(containerOf(key), container))
        const joules = results['DE']?.energy_j ?? 0
        almostEqual(group?.energy_j, joules, 'energy')
        expected['joules'] = (expected['joules'] ?? 0) + joules
        for (const zone of zones) {
          const grams = results[zone]?.co2_g ?? Number.NaN
          almostEqual(group?.co2_g[zone], grams, `grams in ${zone}`)
          expected[zone] = (expected[zone] ?? 0) + grams
        }
      }
      for (const { groups, total } of [byContainer, byNamespace]) {
        almostEqual(total.energy_j, expected['joules'] ?? 0, 'total energy')
        almostEqual(
          groups.reduce((sum, { energy_j }) => sum + energy_j, 0),
          expected['joules'] ?? 0,
          'energy of all groups',
        )
        for (const zone of zones) {
          almostEqual(total.co2_g[zone], expected[zone] ?? 0, `total grams in ${zone}`)
          const sum = groups.reduce((all, { co2_g }) => all + (co2_g[zone] ?? 0), 0)
          almostEqual(sum, expected[zone] ?? 0, `grams of all groups in ${zone}`)
        }
      }
    })
  }

  it('are the same over both nodes however they are grouped, also where samples are cut', async () => {
    const { from } = await threeSamplesOf(onCurrent[0] ?? { namespace: '', pod: '', container: '' })
    const begin = Date.parse(from) + 137
    const query = `from=${new Date(begin).toISOString()}&to=${new Date(begin + 2500).toISOString()}`
    const whole = await report(query)
    for (const by of ['namespace', 'workload', 'pod', 'container', 'node']) {
      const { groups } = await report(`${query}&group_by=${by}`)
      const sum = (of: (group: Totals) => number) => groups.reduce((all, group) => all + of(group), 0)
      almostEqual(
        sum(({ energy_j }) => energy_j),
        whole.total.energy_j,
        `energy by ${by}`,
      )
      for (const zone of zones) {
        almostEqual(
          sum(({ co2_g }) => co2_g[zone] ?? 0),
          whole.total.co2_g[zone] ?? 0,
          `grams in ${zone} by ${by}`,
        )
      }
    }
    const response = await fetch(
      `${service.url}/api/v1/emissions?zone=DE,AT&${query}&group_by=pod&step=1&format=csv`,
    )
    const rows: Record<string, string>[] = parse(await response.text(), { columns: true })
    const grams = rows.filter(({ zone }) => zone === 'AT').reduce((sum, { co2_g }) => sum + Number(co2_g), 0)
    almostEqual(grams, whole.total.co2_g['AT'] ?? 0, 'grams of the table')
    const comparison: unknown = await (
      await fetch(`${service.url}/api/v1/compare?zone=DE,AT&${query}`)
    ).json()
    assert.ok(isComparison(comparison))
    for (const { zone, co2_g } of comparison.zones)
      almostEqual(co2_g, whole.total.co2_g[zone] ?? 0, `compared grams in ${zone}`)
  })
})

function containerOf({ namespace, pod, container }: Report['groups'][number]['key']): Container {
  return { namespace: namespace ?? '', pod: pod ?? '', container: container ?? '' }
}

function isSame(a: Container, b: Container): boolean {
  return a.namespace === b.namespace && a.pod === b.pod && a.container === b.container
}

function isContractAnswer(answer: unknown): answer is { results: Record<string, ZoneResult> } {
  return typeof answer === 'object' && answer !== null && 'results' in answer
}

function isReport(answer: unknown): answer is Report {
  return typeof answer === 'object' && answer !== null && 'groups' in answer && 'total' in answer
}

function isComparison(answer: unknown): answer is { zones: readonly { zone: string; co2_g: number }[] } {
  return typeof answer === 'object' && answer !== null && 'without_figures' in answer
}
