import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createNode } from '../../simulator/hardware.ts'
import { constant } from '../../simulator/power.ts'
import { type ServiceProcess, startServiceProcess } from '../end-to-end/service-process.ts'
import { type FleetNode, startFleet } from './simulated-fleet.ts'

/**
 * A simulated Kepler counts known joules while the database is stopped and started, its connections are killed and the
 * service is killed and restarted. At the end the joules in the table are those that the hardware used, less what
 * containers used after their last reading, for which there must be a recorded gap; and no row is there twice.
 */

const faults = Number(process.env['FAULTS'] ?? 30)
const namespace = 'shop'
const steady = ['alpha', 'beta', 'gamma', 'delta'].map((pod, at) => ({
  pod,
  container: 'app',
  watts: 3 + 7 * at,
}))

/** Pseudo-random, but the same in every run: a failure can be looked into. */
function createDice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

function createCluster(): readonly FleetNode[] {
  const current = createNode({ name: 'node-current', terminatedFromJoules: 0 })
  const legacy = createNode({ name: 'node-legacy', microjoulesPerCount: 1000 })
  for (const node of [current, legacy]) {
    for (const { pod, container, watts } of steady) {
      node.startPod({
        namespace,
        pod: `${pod}-${node === current ? 'c' : 'l'}`,
        containers: [{ name: container, power: constant(watts) }],
      })
    }
  }
  return [
    { node: current, dialect: 'current' },
    { node: legacy, dialect: 'legacy' },
  ]
}

describe('through faults of every kind', () => {
  it(`no joule is lost or counted twice (${faults} faults)`, { timeout: 600_000 }, async () => {
    await using stack = new AsyncDisposableStack()
    const dice = createDice(20_261_124)
    const spool = stack.adopt(await mkdtemp(path.join(os.tmpdir(), 'co2-api-faults-')), (folder) =>
      rm(folder, { recursive: true }),
    )
    const cluster = createCluster()
    let service: ServiceProcess
    const fleet = stack.use(await startFleet(cluster, () => service.log.slice(-20).join('\n')))
    const { postgres, dsn, ask, simulators, scraped, until } = fleet

    const start = (): Promise<ServiceProcess> =>
      startServiceProcess({
        MODE: 'db',
        TSDB_DSN: dsn,
        DATA_DIR: spool,
        SAMPLE_INTERVAL: '1',
        DB_FLUSH_INTERVAL: '1',
        EXPORTER_URL: simulators.map(({ url }) => url).join(','),
        LOG_LEVEL: 'info',
      })
    service = await start()
    // Also when the test fails in between.
    stack.defer(() => void service.process.kill('SIGKILL'))
    const isReady = async () => (await fetch(`${service.url}/readyz`)).status === 200
    await until(isReady, 'the first scrape')
    await until(
      async () => (await ask('SELECT node FROM node_states')).length === cluster.length,
      'the first states',
    )
    fleet.setFrozen(false)

    const done = { 'database stopped and started': 0, 'connections killed': 0, 'service killed': 0 }
    let pods = 0
    for (let fault = 0; fault < faults; fault += 1) {
      const node = cluster[dice(cluster.length)]?.node
      if (dice(3) === 0 && node !== undefined) {
        pods += 1
        node.startPod({
          namespace,
          pod: `job-${pods}`,
          containers: [{ name: 'main', power: constant(5 + dice(20)) }],
        })
      } else if (dice(2) === 0 && node !== undefined) {
        // One that was read: what comes and goes between two readings is seen by nobody.
        const known = new Set(
          (await ask('SELECT DISTINCT pod_id FROM container_metrics')).map(([pod]) => pod),
        )
        const job = node.running().find(({ pod }) => pod.startsWith('job-') && known.has(pod))
        if (job !== undefined) node.stopPod(job)
      }
      switch (dice(3)) {
        case 0:
          await postgres.stop(dice(2) === 0 ? 'fast' : 'kill')
          await scraped(1 + dice(2))
          await postgres.start()
          done['database stopped and started'] += 1
          break
        case 1:
          for (let kill = 0; kill < 5; kill += 1) {
            await postgres.endConnections()
            await pause(20 + dice(60))
          }
          done['connections killed'] += 1
          break
        default:
          service.process.kill('SIGKILL')
          await pause(dice(1500))
          service = await start()
          done['service killed'] += 1
      }
      await scraped(1)
    }

    fleet.setFrozen(true)
    await until(isReady, 'a ready service')
    await scraped(3)
    const drained = async () =>
      /^co2_api_queue_measurements 0$/m.test(await (await fetch(`${service.url}/metrics`)).text())
    await until(drained, 'an empty queue')
    assert.equal(await service.stop(), 0)

    const rows = await ask(`
      SELECT namespace, pod_id, container_name, sum(joules), max(joules_total), count(*)
      FROM container_metrics WHERE namespace = '${namespace}' GROUP BY 1, 2, 3`)
    const gaps = new Set(
      (await ask('SELECT DISTINCT container_id, cause FROM energy_gaps')).map(([containerId]) =>
        String(containerId),
      ),
    )
    const { twice, overlapping } = await fleet.faultyRows()
    assert.equal(twice, 0, 'rows that are there twice')
    assert.equal(overlapping, 0, 'intervals that overlap')

    const stored = new Map(
      rows.map(([, pod, container, joules, counter]) => [
        `${String(pod)}/${String(container)}`,
        { joules: Number(joules), counter: Number(counter) },
      ]),
    )
    let usedJoules = 0
    let storedJoules = 0
    let lostJoules = 0
    for (const { node } of cluster) {
      const ids = new Map(node.running().map(({ pod, container, id }) => [`${pod}/${container}`, id]))
      for (const { pod, container, microjoules } of node.used()) {
        const name = `${pod}/${container}`
        const used = microjoules / 1e6
        const { joules, counter } = stored.get(name) ?? { joules: 0, counter: 0 }
        usedJoules += used
        storedJoules += joules
        if (Math.abs(used - joules) <= 1e-9 * used) continue
        // Only what was used after the last reading may be missing, and only of a container that is gone.
        assert.equal(ids.has(name), false, `${name} runs, and ${used - joules} J of it are missing`)
        assert.ok(
          Math.abs(joules - counter) <= 1e-9 * counter,
          `${name} was read to ${counter} J, and ${joules} J are stored`,
        )
        lostJoules += used - joules
      }
    }
    console.log({
      ...done,
      pods,
      rows: rows.reduce((sum, row) => sum + Number(row[5]), 0),
      usedJoules,
      storedJoules,
      lostJoules,
      gaps: gaps.size,
    })
    assert.ok(Math.abs(usedJoules - storedJoules - lostJoules) <= 1e-9 * usedJoules)
    assert.ok(lostJoules === 0 || gaps.size > 0, 'energy was lost without a recorded gap')
  })
})
