import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { createAwaitedConditions } from '../../../test/awaited-condition.ts'
import { createHurriedClock } from '../../../test/hurried-clock.ts'
import { type FakeApiServer, startApiServer } from '../../../test/kubernetes/api-server.ts'
import { createApiClient } from './api-client.ts'
import { createEndpointTargets, type ServiceAddress } from './endpoint-targets.ts'

const slices = '/apis/discovery.k8s.io/v1/endpointslices'

const kepler: ServiceAddress = {
  address: 'kubernetes://kepler/kepler:metrics/metrics',
  scheme: 'http',
  namespace: 'kepler',
  service: 'kepler',
  port: 'metrics',
  path: '/metrics',
}

type SliceAbout = {
  readonly name?: string
  readonly service?: string
  readonly namespace?: string
  readonly addressType?: string
  readonly ports?: readonly unknown[]
}

/** A slice with an endpoint for each `address@node`; the pod is named after the node. */
function slice(endpoints: readonly string[], about: SliceAbout = {}) {
  const { name = 'kepler-1', service = 'kepler', namespace = 'kepler', addressType = 'IPv4' } = about
  return {
    metadata: { namespace, name, labels: { 'kubernetes.io/service-name': service } },
    addressType,
    endpoints: endpoints.map((text) => {
      const [address, node] = text.split('@')
      return {
        addresses: [address],
        conditions: { ready: true },
        nodeName: node,
        targetRef: { kind: 'Pod', name: `kepler-${node}` },
      }
    }),
    ports: about.ports ?? [{ name: 'metrics', port: 28_282, protocol: 'TCP' }],
  }
}

/** Follows a service until the test ends. */
async function follow(t: TestContext, server: FakeApiServer, about: Partial<ServiceAddress> = {}) {
  const client = createApiClient({ server: server.url, authority: '', token: async () => 'token-1' })
  const stop = new AbortController()
  const { look, until } = createAwaitedConditions()
  const directory = createEndpointTargets({
    client,
    service: { ...kepler, ...about },
    clock: createHurriedClock(),
    random: () => 0.5,
  })
  const running = directory.follow(look, stop.signal)
  t.after(async () => {
    stop.abort()
    await running
    await client.close()
  })
  const shown = () => directory.targets().map(({ url, node }) => `${url.href} on ${node}`)
  return { directory, shown, until }
}

describe('the pods behind a service', () => {
  it('are a target each, with the name of the node that they stand on', async (t) => {
    await using server = await startApiServer()
    server.put(slices, slice(['10.0.0.1@node-a', '10.0.0.2@node-b']))
    const { shown, directory } = await follow(t, server)
    await server.watched(1)
    assert.deepEqual(shown(), [
      'http://10.0.0.1:28282/metrics on node-a',
      'http://10.0.0.2:28282/metrics on node-b',
    ])
    assert.deepEqual(directory.state(), { kind: 'current' })
  })

  it('come and go', async (t) => {
    await using server = await startApiServer()
    server.put(slices, slice(['10.0.0.1@node-a']))
    const { shown, until } = await follow(t, server)
    await server.watched(1)
    server.put(slices, slice(['10.0.0.9@node-a', '10.0.0.2@node-b']))
    await until(() => shown().length === 2)
    assert.equal(shown()[0], 'http://10.0.0.9:28282/metrics on node-a')
    server.put(slices, slice(['10.0.0.3@node-c'], { name: 'kepler-2' }))
    await until(() => shown().length === 3)
    server.remove(slices, 'kepler', 'kepler-1')
    await until(() => shown().length === 1)
    assert.deepEqual(shown(), ['http://10.0.0.3:28282/metrics on node-c'])
  })

  it('of other services and other namespaces are no targets', async (t) => {
    await using server = await startApiServer()
    server.put(slices, slice(['10.0.0.1@node-a'], { service: 'other', name: 'other-1' }))
    server.put(slices, slice(['10.0.0.2@node-a'], { namespace: 'other' }))
    const { shown } = await follow(t, server)
    await server.watched(1)
    assert.deepEqual(shown(), [])
  })

  it('are found again after a watch was lost for long', async (t) => {
    await using server = await startApiServer()
    server.put(slices, slice(['10.0.0.1@node-a']))
    const { shown, until, directory } = await follow(t, server)
    await server.watched(1)
    server.misbehave({ kind: 'cuts' })
    server.cutWatches()
    await until(() => directory.state().kind === 'failing')
    assert.deepEqual(shown(), ['http://10.0.0.1:28282/metrics on node-a'])
    server.put(slices, slice(['10.0.0.2@node-b']))
    server.compact()
    server.misbehave(undefined)
    await until(() => shown().includes('http://10.0.0.2:28282/metrics on node-b'))
    await until(() => directory.state().kind === 'current')
    assert.equal(shown().length, 1)
  })

  it('are unknown, and it is said why, without the right to ask for them', async (t) => {
    await using server = await startApiServer()
    server.misbehave({ kind: 'refuses', status: 403 })
    const { until, directory } = await follow(t, server)
    await until(() => directory.state().kind === 'failing')
    const state = directory.state()
    assert.match(
      state.kind === 'failing' ? state.message : '',
      /endpointslices with status 403: this account may not do that/,
    )
  })

  it('are counted once where they have addresses of IPv4 and IPv6', async (t) => {
    await using server = await startApiServer()
    server.put(slices, slice(['fd00::1@node-a', 'fd00::2@node-b'], { name: 'a', addressType: 'IPv6' }))
    server.put(slices, slice(['10.0.0.1@node-a'], { name: 'b' }))
    const { shown } = await follow(t, server)
    await server.watched(1)
    assert.deepEqual(shown(), [
      'http://10.0.0.1:28282/metrics on node-a',
      'http://[fd00::2]:28282/metrics on node-b',
    ])
  })

  it('are scraped at the port of a number, or at the only one', async (t) => {
    await using server = await startApiServer()
    server.put(slices, slice(['10.0.0.1@node-a']))
    assert.equal((await targetsWith(t, server, { port: 9102 }))[0], 'http://10.0.0.1:9102/metrics on node-a')
    assert.equal(
      (await targetsWith(t, server, { port: undefined }))[0],
      'http://10.0.0.1:28282/metrics on node-a',
    )
    assert.deepEqual(await targetsWith(t, server, { port: 'other' }), [])
    server.put(slices, slice(['10.0.0.1@node-a'], { ports: [{ port: 1 }, { name: 'b', port: 2 }] }))
    assert.deepEqual(await targetsWith(t, server, { port: undefined }), [])
    assert.deepEqual(await targetsWith(t, server, { port: 'b' }), ['http://10.0.0.1:2/metrics on node-a'])
  })

  it('must have a certificate of the service with https', async (t) => {
    await using server = await startApiServer()
    server.put(slices, slice(['10.0.0.1@node-a']))
    const { directory } = await follow(t, server, { scheme: 'https', path: '/metrics?a=1' })
    await server.watched(1)
    const [target] = directory.targets()
    assert.equal(target?.url.href, 'https://10.0.0.1:28282/metrics?a=1')
    assert.equal(target?.serverName, 'kepler.kepler.svc')
  })

  it('that have no address that can be asked are no targets', async (t) => {
    await using server = await startApiServer()
    const odd = {
      ...slice([]),
      endpoints: [{}, { addresses: [] }, { addresses: ['no host'] }, 7],
      ports: [{ port: 1 }, {}],
    }
    server.put(slices, odd)
    const { shown } = await follow(t, server, { port: 5 })
    await server.watched(1)
    assert.deepEqual(shown(), [])
  })
})

async function targetsWith(
  t: TestContext,
  server: FakeApiServer,
  about: Partial<ServiceAddress>,
): Promise<readonly string[]> {
  const { shown, until, directory } = await follow(t, server, about)
  await until(() => directory.state().kind === 'current')
  return shown()
}
