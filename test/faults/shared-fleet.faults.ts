import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createNode } from '../../simulator/hardware.ts'
import { constant } from '../../simulator/power.ts'
import { type ServiceProcess, startServiceProcess } from '../end-to-end/service-process.ts'
import { type FleetNode, startFleet } from './simulated-fleet.ts'

/**
 * Several processes share simulated Keplers and one database. The number of shards is changed while they run, one is
 * killed, and for a while two processes believe that they own the same targets. At the end the joules in the table are
 * those that the hardware used, and no two intervals of a container overlap.
 */

const nodeCount = Number(process.env['NODES'] ?? 12)
const namespace = 'shop'

function createNodes(): readonly FleetNode[] {
  return Array.from({ length: nodeCount }, (_, number) => {
    const dialect = number % 3 === 0 ? 'legacy' : 'current'
    const name = `node-${number}`
    const node = createNode({ name, ...(dialect === 'legacy' ? { microjoulesPerCount: 1000 } : {}) })
    for (const pod of [`web-${number}`, `db-${number}`])
      node.startPod({ namespace, pod, containers: [{ name: 'app', power: constant(3 + number) }] })
    return { node, dialect }
  })
}

type Shards = Map<string, ServiceProcess>

describe('processes that share targets and a database', () => {
  it('lose no joule and count none twice while their number changes', { timeout: 300_000 }, async () => {
    await using stack = new AsyncDisposableStack()
    const nodes = createNodes()
    const shards: Shards = new Map()
    const endOfLogs = () =>
      Array.from(shards, ([name, { log }]) => `${name}:\n${log.slice(-10).join('\n')}`).join('\n')
    const fleet = stack.use(await startFleet(nodes, endOfLogs))
    const { dsn, ask, simulators, scraped, until } = fleet
    stack.defer(() => {
      for (const { process } of shards.values()) process.kill('SIGKILL')
    })

    const start = async (shard: string, name = shard) => {
      const service = await startServiceProcess({
        MODE: 'db',
        TSDB_DSN: dsn,
        SHARD: shard,
        SAMPLE_INTERVAL: '1',
        DB_FLUSH_INTERVAL: '1',
        EXPORTER_URL: simulators.map(({ url }) => url).join(','),
        LOG_LEVEL: 'info',
      })
      shards.set(name, service)
    }
    const stop = async (name: string) => {
      assert.equal(await shards.get(name)?.stop(), 0)
      shards.delete(name)
    }
    const kill = (name: string) => {
      shards.get(name)?.process.kill('SIGKILL')
      shards.delete(name)
    }
    const targetsOf = async (name: string): Promise<readonly string[]> => {
      const text = await (await fetch(`${shards.get(name)?.url}/api/v1/targets`)).text()
      return Array.from(text.matchAll(/"target":"([^"]+)"/g), ([, target = '']) => target)
    }
    /** Who scrapes each target; every one has exactly one owner. */
    const owners = async (): Promise<ReadonlyMap<string, string>> => {
      const found = new Map<string, string>()
      for (const name of shards.keys()) {
        for (const target of await targetsOf(name)) {
          assert.equal(found.get(target), undefined, `${target} has two owners`)
          found.set(target, name.split('/')[0] ?? '')
        }
      }
      assert.equal(found.size, simulators.length)
      return found
    }
    const metric = async (name: string, metricName: string) => {
      const text = await (await fetch(`${shards.get(name)?.url}/metrics`)).text()
      return Number(new RegExp(`^${metricName} (.*)$`, 'm').exec(text)?.[1])
    }

    await Promise.all(['0/3', '1/3', '2/3'].map((shard) => start(shard)))
    await until(
      async () => (await ask('select node from node_states')).length === nodeCount,
      'the first state of every node',
    )
    fleet.setFrozen(false)
    const ofThree = await owners()
    await scraped(2)

    // One more, as a StatefulSet rolls it out: the new one first, then the others from the last to the first.
    await start('3/4')
    await scraped(2)
    for (const index of [2, 1, 0]) {
      await stop(`${index}/3`)
      await start(`${index}/4`)
      await scraped(1)
    }
    const ofFour = await owners()
    const moved = [...ofFour].filter(([target, owner]) => ofThree.get(target) !== owner)
    assert.ok(moved.length > 0 && moved.every(([, owner]) => owner === '3'), 'only the new one gains targets')
    await scraped(1)

    kill('1/4')
    await pause(1500)
    await start('1/4')
    await scraped(1)

    // Two that believe to be the same shard.
    await start('0/4', '0/4 again')
    await until(
      async () =>
        (await metric('0/4', 'co2_api_measurements_superseded_total')) +
          (await metric('0/4 again', 'co2_api_measurements_superseded_total')) >
        0,
      'a page of one of two owners that falls',
    )
    await scraped(4)
    kill('0/4')

    // Down to two, in the midst of it.
    kill('3/4')
    kill('2/4')
    for (const name of ['0/4 again', '1/4']) await stop(name)
    await pause(1000)
    await Promise.all(['0/2', '1/2'].map((shard) => start(shard)))
    await owners()
    await scraped(2)

    fleet.setFrozen(true)
    await scraped(3)
    for (const name of shards.keys()) {
      const isDrained = async () => (await metric(name, 'co2_api_queue_measurements')) === 0
      await until(isDrained, 'an empty queue')
    }
    for (const name of shards.keys()) await stop(name)

    assert.deepEqual(await fleet.faultyRows(), { twice: 0, overlapping: 0 })
    const rows = await ask(
      `select pod_id, sum(joules), count(*)::int from container_metrics where namespace = '${namespace}' group by 1`,
    )
    const stored = new Map(rows.map(([pod, joules]) => [String(pod), Number(joules)]))
    let usedJoules = 0
    let storedJoules = 0
    for (const { node } of nodes) {
      for (const { pod, microjoules } of node.used()) {
        const used = microjoules / 1e6
        const joules = stored.get(pod) ?? 0
        assert.ok(Math.abs(used - joules) <= 1e-9 * used, `${pod} used ${used} J, and ${joules} J are stored`)
        usedJoules += used
        storedJoules += joules
      }
    }
    assert.ok(usedJoules > 0)
    console.log({
      nodes: nodeCount,
      movedToTheFourth: moved.length,
      rows: rows.reduce((sum, row) => sum + Number(row[2]), 0),
      usedJoules,
      storedJoules,
    })
  })
})
