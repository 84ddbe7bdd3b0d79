import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createNode } from '../../simulator/hardware.ts'
import { constant } from '../../simulator/power.ts'
import { type KeplerSimulator, startKeplerSimulator } from '../../simulator/server.ts'
import { programEnvironment } from './program-environment.ts'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'

const root = path.join(import.meta.dirname, '../..')

/** Runs the command in a process of its own. */
async function command(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['src/cli/main.ts', ...words], {
    cwd: root,
    env: { ...programEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let written = ''
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    written += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const [code]: unknown[] = await once(child, 'close')
  return { code, written, said }
}

describe('the command line, beside a running service', () => {
  let service: ServiceProcess
  let simulator: KeplerSimulator
  let folder: string

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'co2-api-command-'))
    const node = createNode({ name: 'node-a' })
    for (const [namespace, watts] of [
      ['shop', 12],
      ['media', 3],
    ] as const)
      node.startPod({ namespace, pod: 'web-1', containers: [{ name: 'app', power: constant(watts) }] })
    const beforeScrape = () => node.advance(1)
    simulator = await startKeplerSimulator({ node, dialect: 'current', beforeScrape })
    service = await startServiceProcess({
      SAMPLE_INTERVAL: '1',
      EXPORTER_URL: simulator.url,
      CO2_INTENSITIES: 'DE=148,FR=20',
      COUNTRIES: 'DE,FR',
    })
    // Two scrapes make the first measurement.
    while (simulator.requests() < 3) await pause(50)
  })
  after(async () => {
    await service.stop()
    await simulator.close()
    await rm(folder, { recursive: true })
  })

  const report = (...words: readonly string[]) =>
    command(['report', '--url', service.url, '--from', 'now-1h', '--group-by', 'namespace', ...words])

  it('reports a table', async () => {
    const { code, written, said } = await report('--zones', 'DE,FR')
    assert.deepEqual({ code, said }, { code: 0, said: '' })
    assert.match(written, /^NAMESPACE +ENERGY \w+ +MEAN \w+ +DE \w+ +FR \w+ +COVERAGE/m)
    assert.match(written, /^shop .*\nmedia /m)
    assert.match(
      written,
      /^DE Germany: 148\.0 g\/kWh on average: 100 % set by the operator \(CO2_INTENSITIES\)$/m,
    )
  })

  it('reports CSV, one row for each group and zone', async () => {
    const { written } = await report('--zones', 'DE,FR', '--format', 'csv')
    const [header, ...rows] = written.trim().split(/\r?\n/)
    assert.match(header ?? '', /^from,to,namespace,zone,energy_j,/)
    assert.ok(rows.filter((row) => row.includes(',shop,')).length === 2, written)
  })

  it('reports JSON whose grams are its joules times the intensity', async () => {
    const { written } = await report('--zones', 'DE', '--format', 'json', '--step', '1m')
    const answer: {
      readonly total: { readonly energy_j: number; readonly co2_g: { readonly DE: number } }
      readonly times: readonly string[]
      readonly next: null
    } = JSON.parse(written)
    assert.ok(answer.total.energy_j > 0)
    assert.ok(Math.abs((answer.total.energy_j / 3_600_000) * 148 - answer.total.co2_g.DE) < 1e-9)
    assert.ok(answer.times.length >= 60)
  })

  it('reports a page', async () => {
    const file = path.join(folder, 'report.html')
    const { code, said } = await report('--format', 'html', '--output', file)
    assert.deepEqual({ code, said }, { code: 0, said: '' })
    assert.match(await readFile(file, 'utf8'), /<h1>[\d.]+ m?g of CO₂e, on the grid of Germany<\/h1>/)
  })

  it('passes on in one line what the service refuses', async () => {
    const { code, said } = await report('--zones', 'XX')
    assert.equal(code, 1)
    assert.match(said, /^co2-api report: .*XX.*\n$/)
  })

  it('examines what the service runs on', async () => {
    const { code, written } = await command(['doctor', '--offline'], {
      EXPORTER_URL: simulator.url,
      DATA_DIR: folder,
    })
    assert.equal(code, 0, written)
    assert.match(written, /All is well/)
  })
})

describe('the command line, alone', () => {
  it('ends with 2 for a command line that does not hold', async () => {
    assert.equal((await command(['report', '--zones'])).code, 2)
  })

  it('starts the service, which says by itself why it cannot start', async () => {
    const { code, said } = await command(['serve'], { PORT: 'x' })
    assert.equal(code, 1)
    assert.match(said, /^co2-api cannot start: PORT holds "x"/)
  })
})
