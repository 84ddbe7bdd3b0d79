import assert from 'node:assert/strict'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createNode, type SimulatedNode } from '../../simulator/hardware.ts'
import { constant } from '../../simulator/power.ts'
import { type KeplerSimulator, startKeplerSimulator } from '../../simulator/server.ts'
import { type FakeApiServer, startApiServer } from '../kubernetes/api-server.ts'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'

const slices = '/apis/discovery.k8s.io/v1/endpointslices'

/** A slice of the service `kepler` with one pod, behind a port of this machine, on a node. */
function slice(port: number, node: string) {
  return {
    metadata: {
      namespace: 'kepler',
      name: `kepler-${node}`,
      labels: { 'kubernetes.io/service-name': 'kepler' },
    },
    addressType: 'IPv4',
    endpoints: [
      { addresses: ['127.0.0.1'], nodeName: node, targetRef: { kind: 'Pod', name: `kepler-${node}` } },
    ],
    ports: [{ name: 'metrics', port }],
  }
}

/** A node with one pod, `web-<node>`, that draws 10 W. */
function createWebNode(name: string): SimulatedNode {
  const node = createNode({ name })
  node.startPod({ namespace: 'shop', pod: `web-${name}`, containers: [{ name: 'app', power: constant(10) }] })
  return node
}

/** Every scrape of a simulator moves the time of its node by a second, unless it is frozen. */
async function simulate(t: TestContext, node: SimulatedNode) {
  const clock = { isFrozen: false }
  const simulator = await startKeplerSimulator({
    node,
    dialect: 'current',
    beforeScrape() {
      if (!clock.isFrozen) node.advance(1)
    },
  })
  t.after(() => simulator.close())
  return { simulator, clock }
}

/** The service in a pod of the cluster of `api`. */
async function startInCluster(t: TestContext, api: FakeApiServer): Promise<ServiceProcess> {
  const account = await mkdtemp(path.join(os.tmpdir(), 'co2-api-account-'))
  t.after(() => rm(account, { recursive: true }))
  await writeFile(path.join(account, 'token'), api.token)
  await copyFile('test/fixtures/tls/authority.pem', path.join(account, 'ca.crt'))
  return await startServiceProcess({
    SAMPLE_INTERVAL: '1',
    EXPORTER_TIMEOUT: '1',
    EXPORTER_URL: 'kubernetes://kepler/kepler:metrics/metrics',
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: api.url.port,
    KUBERNETES_ACCOUNT_DIR: account,
  })
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition().catch(() => false))) await pause(30)
}

async function scraped(simulator: KeplerSimulator, times: number): Promise<void> {
  const from = simulator.requests()
  await until(async () => simulator.requests() >= from + times)
}

type Readiness = {
  readonly ready: boolean
  readonly reasons: readonly string[]
  readonly warnings: readonly string[]
}

async function readinessOf(service: ServiceProcess): Promise<Readiness> {
  const response = await fetch(`${service.url}/readyz`)
  const { ready, reasons, warnings }: Readiness = JSON.parse(await response.text())
  assert.equal(response.status, ready ? 200 : 503)
  return { ready, reasons, warnings }
}

async function energyOf(service: ServiceProcess, node: string): Promise<number> {
  const response = await fetch(`${service.url}/api/co2-per-container`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ namespace: 'shop', pod: `web-${node}`, container: 'app', n: 1000 }),
  })
  return Number(/"energy_j":([\d.e+-]+)/.exec(await response.text())?.[1])
}

const usedBy = (node: SimulatedNode, name: string) =>
  node.joulesUsed({ namespace: 'shop', pod: `web-${name}`, container: 'app' })

describe('the pods of Kepler behind a service', () => {
  it('are scraped as they come, and a pod that comes back at another address has its energy counted once', async (t) => {
    await using api = await startApiServer({ tls: true })
    const [a, b] = [createWebNode('a'), createWebNode('b')]
    const first = await simulate(t, a)
    api.put(slices, slice(first.simulator.port, 'a'))
    const service = await startInCluster(t, api)
    await scraped(first.simulator, 2)
    // The first scrape set the beginning, one second into the life of the node.
    const baseline = 10

    const other = await simulate(t, b)
    api.put(slices, slice(other.simulator.port, 'b'))
    await scraped(other.simulator, 2)

    await first.simulator.close()
    a.advance(7)
    const again = await simulate(t, a)
    api.put(slices, slice(again.simulator.port, 'a'))
    await scraped(again.simulator, 2)
    again.clock.isFrozen = true
    await scraped(again.simulator, 2)

    const used = usedBy(a, 'a') - baseline
    await until(async () => Math.abs((await energyOf(service, 'a')) - used) <= 1e-9 * used)
    await until(async () =>
      (await readinessOf(service)).warnings.every((warning) => !warning.includes('scrape')),
    )
    assert.equal(await service.stop(), 0)
  })

  it('do not wait for one that does not answer; it is told as lost, and the fleet is not', async (t) => {
    await using api = await startApiServer({ tls: true })
    const { simulator } = await simulate(t, createWebNode('a'))
    const dead = await simulate(t, createWebNode('dead'))
    dead.simulator.failNext('slow', 1000)
    api.put(slices, slice(simulator.port, 'a'))
    api.put(slices, slice(dead.simulator.port, 'dead'))
    const service = await startInCluster(t, api)
    await scraped(dead.simulator, 1)
    await scraped(simulator, 3)
    const lost = `http://127.0.0.1:${dead.simulator.port}/metrics has not been scraped successfully yet`
    await until(async () => {
      const { ready, warnings } = await readinessOf(service)
      return ready && warnings.some((warning) => warning.startsWith(lost))
    })

    api.remove(slices, 'kepler', 'kepler-dead')
    await until(async () => {
      const { ready, warnings } = await readinessOf(service)
      return ready && !warnings.some((warning) => warning.startsWith(lost))
    })

    api.remove(slices, 'kepler', 'kepler-a')
    await until(async () => !(await readinessOf(service)).ready)
    assert.deepEqual((await readinessOf(service)).reasons, [
      'kubernetes://kepler/kepler:metrics/metrics leads to no target.',
    ])
    assert.equal(await service.stop(), 0)
  })

  it('are scraped as they were known last while the cluster does not answer', async (t) => {
    await using api = await startApiServer({ tls: true })
    const { simulator } = await simulate(t, createWebNode('a'))
    api.put(slices, slice(simulator.port, 'a'))
    const service = await startInCluster(t, api)
    await scraped(simulator, 1)
    api.misbehave({ kind: 'refuses', status: 403 })
    api.cutWatches()
    await until(async () => {
      const { ready, warnings } = await readinessOf(service)
      return ready && warnings.some((warning) => warning.includes('leads to the 1 target(s) known last'))
    })
    await scraped(simulator, 2)
    assert.equal(await service.stop(), 0)
  })
})

describe('several exporters', () => {
  it('are scraped at moments of their own within the interval', async (t) => {
    const nodes = ['a', 'b', 'c', 'd'].map(createWebNode)
    const simulators = await Promise.all(nodes.map((node) => simulate(t, node)))
    const service = await startServiceProcess({
      SAMPLE_INTERVAL: '2',
      EXPORTER_URL: simulators.map(({ simulator }) => simulator.url).join(','),
    })
    await until(async () => (await energyOf(service, 'a')) > 0)
    const ends = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => {
        await until(async () => (await energyOf(service, name)) > 0)
        return await lastEndOf(service, name)
      }),
    )
    const offsets = ends.map((end) => end % 2000)
    assert.ok(Math.max(...offsets) - Math.min(...offsets) > 50, offsets.join(', '))
    assert.equal(await service.stop(), 0)
  })
})

async function lastEndOf(service: ServiceProcess, node: string): Promise<number> {
  const response = await fetch(`${service.url}/api/co2-per-container`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ namespace: 'shop', pod: `web-${node}`, container: 'app', n: 1 }),
  })
  return Date.parse(/"end_time":"([^"]+)"/.exec(await response.text())?.[1] ?? '')
}
