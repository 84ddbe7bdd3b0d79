import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createNode } from '../../simulator/hardware.ts'
import { constant } from '../../simulator/power.ts'
import { startKeplerSimulator } from '../../simulator/server.ts'
import { runService, type ServiceProcess, startServiceProcess } from './service-process.ts'

const web = { namespace: 'shop', pod: 'web', container: 'app' }

async function temporaryDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'co2-api-restart-'))
  t.after(() => rm(directory, { recursive: true }))
  return directory
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition().catch(() => false))) await pause(30)
}

async function metric(service: ServiceProcess, name: string): Promise<number> {
  const text = await (await fetch(`${service.url}/metrics`)).text()
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1])
}

async function ask(service: ServiceProcess, more: object = {}): Promise<string> {
  const response = await fetch(`${service.url}/api/co2-per-container`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...web, n: 1000, ...more }),
  })
  return await response.text()
}

const energyIn = (answer: string) => Number(/"energy_j":([\d.e+-]+)/.exec(answer)?.[1])

/** Every scrape of the simulator moves the time of its node by a second, unless it is frozen. */
async function simulate(t: TestContext) {
  const node = createNode({ name: 'n1' })
  node.startPod({ ...web, containers: [{ name: web.container, power: constant(10) }] })
  const clock = { isFrozen: false }
  const simulator = await startKeplerSimulator({
    node,
    dialect: 'current',
    beforeScrape() {
      if (!clock.isFrozen) node.advance(1)
    },
  })
  t.after(() => simulator.close())
  return { node, simulator, clock }
}

describe('a service with a DATA_DIR that is killed and started again', () => {
  it('answers for the time before, goes on with the counters, forgets no container, and its books balance', async (t) => {
    const { node, simulator, clock } = await simulate(t)
    const environment = {
      SAMPLE_INTERVAL: '1',
      DB_FLUSH_INTERVAL: '1',
      EXPORTER_URL: simulator.url,
      DATA_DIR: await temporaryDirectory(t),
    }
    const first = await startServiceProcess(environment)
    // The first scrape sets the beginning, one second into the life of the node.
    const baseline = 10
    await until(async () => (await metric(first, 'co2_api_measurements_written_total')) >= 1)
    first.process.kill('SIGKILL')
    // The hardware goes on while nobody looks.
    node.advance(5)

    const second = await startServiceProcess(environment)
    const listed = await (await fetch(`${second.url}/api/containers`)).text()
    assert.match(listed, /"pod":"web"/)
    await until(async () => (await metric(second, 'co2_api_scrapes_total')) >= 1)
    // From here on scrapes find nothing more; the one that is under way may not have been entered yet.
    clock.isFrozen = true
    const used = node.joulesUsed(web) - baseline
    await until(async () => energyIn(await ask(second)) > (1 - 1e-9) * used)
    const answer = await ask(second)
    assert.ok(Math.abs(energyIn(answer) - used) <= 1e-9 * used, `${energyIn(answer)} J of ${used} J`)
    // Of all containers together, what was measured before the restart comes from the file.
    await until(async () => (await metric(second, 'co2_api_measurements_written_total')) >= 1)
    const times = Array.from(
      answer.matchAll(/"(?:from|timestamp)":"([^"]+)"/g),
      ([, time]) => time ?? '',
    ).sort()
    const window = new URLSearchParams({ from: times[0] ?? '', to: times.at(-1) ?? '' })
    const sums = await (await fetch(`${second.url}/api/v1/emissions?${window.toString()}`)).text()
    const total = Number(/"total":{"energy_j":([\d.e+-]+)/.exec(sums)?.[1])
    assert.ok(Math.abs(total - energyIn(answer)) <= 1e-9 * used, `${total} J of ${used} J: ${sums}`)
    const audit = await (await fetch(`${second.url}/api/v1/audit`)).text()
    assert.match(audit, /"balanced":true/, audit)
    assert.equal(await second.stop(), 0)
  })
})

describe('a service whose DATA_DIR cannot be used', () => {
  it('goes on from memory, and says so in the answer, in /readyz and in the log', async (t) => {
    const { simulator } = await simulate(t)
    const service = await startServiceProcess({
      SAMPLE_INTERVAL: '1',
      DB_FLUSH_INTERVAL: '1',
      EXPORTER_URL: simulator.url,
      DATA_DIR: '/dev/null/nowhere',
    })
    await until(async () => (await metric(service, 'co2_api_samples_total')) >= 1)
    const answer = await ask(service)
    assert.match(answer, /"measurement_count":[1-9]/)
    assert.match(answer, /What was stored is missing from this answer: The database \/dev\/null\/nowhere/)
    const ready = await fetch(`${service.url}/readyz`)
    assert.equal(ready.status, 200)
    assert.match(await ready.text(), /\/dev\/null\/nowhere/)
    assert.ok(service.log.some((line) => line.includes('the store is away')))
    assert.equal(await service.stop(), 0)
  })

  it('does not start on a file of a newer version', async (t) => {
    const directory = await temporaryDirectory(t)
    const environment = { DATA_DIR: directory, EXPORTER_URL: 'http://127.0.0.1:1/metrics' }
    const service = await startServiceProcess(environment)
    assert.equal(await service.stop(), 0)
    const file = path.join(directory, 'co2-api.sqlite')
    const database = new DatabaseSync(file)
    database.exec('PRAGMA user_version = 1000')
    database.close()
    const { code, stderr } = await runService(environment)
    assert.equal(code, 1)
    assert.match(stderr, /co2-api\.sqlite has schema version 1000, and this program knows versions up to/)
  })
})

describe('a database that is away', () => {
  it('makes the service not ready, and its answers 503, without a word of the password', async (t) => {
    const { simulator } = await simulate(t)
    const service = await startServiceProcess({
      MODE: 'db',
      TSDB_DSN: 'postgresql://user:planted-secret@127.0.0.1:1/co2',
      SAMPLE_INTERVAL: '1',
      EXPORTER_URL: simulator.url,
    })
    const ready = await fetch(`${service.url}/readyz`)
    assert.equal(ready.status, 503)
    const sentence = /127\.0\.0\.1:1/
    await until(async () => sentence.test(await (await fetch(`${service.url}/readyz`)).text()))
    const response = await fetch(`${service.url}/api/containers`)
    assert.equal(response.status, 503)
    assert.match(await response.text(), sentence)
    assert.match(await ask(service), sentence)
    assert.equal(await service.stop(), 0)
    const told = [...service.log, await ready.text()].join('\n')
    assert.doesNotMatch(told, /planted-secret/)
    assert.equal(simulator.requests(), 0, 'there is nothing to scrape for until the counters are known')
  })
})
