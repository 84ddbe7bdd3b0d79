import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { array, assert as assertProperty, constantFrom, double, property } from 'fast-check'
import { createNode, type SimulatedNode } from './hardware.ts'
import { constant, joulesDrawn, type PowerProfile } from './power.ts'

const app = { namespace: 'shop', pod: 'web-1', container: 'app' }

function nodeWithApp(options: { power?: PowerProfile; appears?: 'joined' | 'unjoined' } = {}): SimulatedNode {
  const node = createNode({ name: 'node-a', systemWatts: 0 })
  const { power = constant(10), ...rest } = options
  node.startPod({ namespace: 'shop', pod: 'web-1', containers: [{ name: 'app', power }], ...rest })
  return node
}

/** The container counters that current Kepler shows, package and dram together, in joules by name and state. */
function shown(node: SimulatedNode): Record<string, number> {
  const named = node.observe('current').containers.filter(({ name }) => name !== '')
  return Object.fromEntries(
    named.map(({ name, state, energy }) => [`${name} ${state}`, (energy.package + energy.dram) / 1e6]),
  )
}

function shownPods(node: SimulatedNode): Record<string, number> {
  const { pods } = node.observe('current')
  return Object.fromEntries(
    pods.map(({ name, state, energy }) => [`${name} ${state}`, (energy.package + energy.dram) / 1e6]),
  )
}

function shownLegacy(node: SimulatedNode): Record<string, number> {
  const containers = node.observe('legacy').containers
  return Object.fromEntries(
    containers.map(({ namespace, name, energy }) => [
      `${namespace}/${name}`,
      (energy.package + energy.dram) / 1e6,
    ]),
  )
}

describe('a simulated node', () => {
  it('counts what its containers use', () => {
    const node = nodeWithApp()
    node.advance(3)
    assert.deepEqual(shown(node), { 'app running': 30 })
    assert.equal(node.joulesUsed(app), 30)
    assert.equal(node.joulesUsed(), 30)
  })

  it('keeps package and dram apart, with core as a part of package', () => {
    const node = nodeWithApp()
    node.advance(1)
    const container = node.observe('current').containers.find(({ name }) => name === 'app')
    assert.deepEqual(container?.energy, { core: 5.5e6, dram: 1e6, package: 9e6, uncore: 0 })
    assert.deepEqual(container?.watts, { core: 5.5, dram: 1, package: 9, uncore: 0 })
  })

  it('uses the same energy in one step as in many', () => {
    const power: PowerProfile = { kind: 'sine', meanWatts: 5, amplitudeWatts: 4, periodSeconds: 7 }
    const [one, many] = [nodeWithApp({ power }), nodeWithApp({ power })]
    one.advance(60)
    for (let step = 0; step < 600; step += 1) many.advance(0.1)
    assert.ok(Math.abs(one.joulesUsed(app) - many.joulesUsed(app)) < 1e-5)
  })

  it('is made the same twice', () => {
    const [first, second] = [nodeWithApp(), nodeWithApp()]
    assert.deepEqual(first.observe('current'), second.observe('current'))
  })

  it('shows an ended pod as terminated once, with all of its energy', () => {
    const node = nodeWithApp()
    node.advance(3)
    node.startPod({ namespace: 'shop', pod: 'other', containers: [{ name: 'other', power: constant(0) }] })
    node.stopPod(app)
    node.advance(5)
    const { containers, pods } = node.observe('current')
    const ended = [...containers, ...pods].filter(({ state }) => state === 'terminated')
    assert.deepEqual(
      ended.map(({ name, energy }) => [name, energy.package]),
      [
        ['app', 27e6],
        ['web-1', 27e6],
      ],
    )
    assert.deepEqual(shown(node), { 'other running': 0 })
    assert.equal(node.joulesUsed(app), 30)
  })

  it('never shows as terminated what used less than Kepler keeps', () => {
    const node = nodeWithApp()
    node.advance(1)
    node.stopPod(app)
    assert.deepEqual(shown(node), {})
  })

  it('lets an ended container linger in the legacy dialect until more than ten do', () => {
    const node = nodeWithApp()
    node.advance(3)
    node.stopPod(app)
    node.advance(1)
    assert.equal(shownLegacy(node)['shop/app'], 30)
    for (let round = 0; round < 10; round += 1) {
      node.startPod({
        namespace: 'n',
        pod: `p${round}`,
        containers: [{ name: `c${round}`, power: constant(1) }],
      })
      node.stopPod({ namespace: 'n', pod: `p${round}` })
    }
    assert.deepEqual(Object.keys(shownLegacy(node)), ['system/system_processes'])
  })

  it('gives a restarted container a new id under the same names and pod', () => {
    const node = nodeWithApp()
    node.advance(3)
    const [before] = node.running()
    node.restartContainer(app)
    node.advance(1)
    const [after] = node.running()
    assert.notEqual(after?.id, before?.id)
    assert.match(after?.id ?? '', /^[0-9a-f]{64}$/)
    const { containers, pods } = node.observe('current')
    const both = containers.filter(({ name }) => name === 'app')
    assert.deepEqual(
      both.map(({ state, energy }) => [state, energy.package]),
      [
        ['running', 9e6],
        ['terminated', 27e6],
      ],
    )
    assert.equal(new Set(both.map(({ podId }) => podId)).size, 1)
    assert.deepEqual(
      pods.map(({ energy }) => energy.package),
      [36e6],
    )
    assert.equal(node.joulesUsed(app), 40)
  })

  it('keeps the id of a container that was reset, and counts it from zero', () => {
    const node = nodeWithApp()
    node.advance(3)
    const [before] = node.running()
    node.resetContainer(app)
    node.advance(1)
    assert.equal(node.running()[0]?.id, before?.id)
    assert.deepEqual(shown(node), { 'app running': 10 })
    assert.equal(node.joulesUsed(app), 40)
  })

  it('counts every workload from zero after a restart of the exporter, but not the idle register', () => {
    const node = nodeWithApp()
    node.advance(3)
    node.resetCounters()
    const { containers, pods, node: counters } = node.observe('current')
    assert.ok([...containers, ...pods].every(({ energy }) => energy.package === 0))
    assert.equal(counters.activeEnergy.package, 0)
    assert.deepEqual(counters.idleEnergy, counters.rawEnergy)
    assert.equal(node.joulesUsed(app), 30)
  })

  it('may count one zone from zero alone', () => {
    const node = nodeWithApp()
    node.advance(3)
    node.zeroZone('dram')
    node.advance(1)
    const container = node.observe('current').containers.find(({ name }) => name === 'app')
    assert.deepEqual([container?.energy.package, container?.energy.dram], [36e6, 1e6])
    assert.equal(node.joulesUsed(app), 40)
  })

  it('first shows an unjoined container by its pod name and without pod', () => {
    const node = nodeWithApp({ appears: 'unjoined' })
    node.advance(3)
    const [first, second] = [node.observe('current'), node.observe('current')]
    const labels = (reading: typeof first) =>
      reading.containers.filter(({ name }) => name !== '').map(({ name, podId }) => [name, podId === ''])
    assert.deepEqual([labels(first), labels(second)], [[['web-1', true]], [['app', false]]])
  })

  it('never counts for the pod what a container used before it was joined', () => {
    const node = nodeWithApp({ appears: 'unjoined' })
    node.advance(3)
    assert.deepEqual(shownPods(node), {})
    node.advance(1)
    assert.deepEqual(shownPods(node), { 'web-1 running': 10 })
    assert.deepEqual(shown(node), { 'app running': 40 })
  })

  it('first shows an unjoined container among the system processes in the legacy dialect', () => {
    const node = nodeWithApp({ appears: 'unjoined' })
    const names = () => node.observe('legacy').containers.map(({ podName }) => podName)
    assert.deepEqual(
      [names(), names()],
      [
        ['system_processes', 'system_processes', 'system_processes'],
        ['system_processes', 'system_processes', 'web-1'],
      ],
    )
  })

  it('shares idle energy out evenly in the legacy dialect when it is asked to', () => {
    const node = createNode({ name: 'n', exposeIdle: true, idleWatts: 20, microjoulesPerCount: 1000 })
    for (const [name, watts] of [
      ['busy', 50],
      ['lazy', 1],
      ['third', 2],
    ] as const) {
      node.startPod({ namespace: 'n', pod: name, containers: [{ name, power: constant(watts) }] })
    }
    node.advance(1)
    const idle = node.observe('legacy').containers.filter(({ namespace }) => namespace === 'n')
    assert.deepEqual(
      idle.map(({ idleEnergy }) => idleEnergy.package),
      [4.5e6, 4.5e6, 4.5e6],
    )
  })

  it('changes its power when told, without losing what was used', () => {
    const node = nodeWithApp()
    node.advance(2)
    node.setPower(app, constant(1))
    node.advance(2)
    assert.equal(node.joulesUsed(app), 22)
  })

  it('says which container it does not know', () => {
    assert.throws(
      () => nodeWithApp().restartContainer({ ...app, container: 'x' }),
      /no container shop\/web-1\/x/,
    )
    assert.throws(() => nodeWithApp().stopPod({ namespace: 'a', pod: 'b' }), /no pod a\/b/)
  })

  it('shows counters whose containers and system processes add up to the active energy of the node', () => {
    assertProperty(
      property(array(double({ min: 0, max: 20, noNaN: true }), { maxLength: 20 }), (steps) => {
        const node = createNode({ name: 'n' })
        const bursts = {
          kind: 'burst',
          baseWatts: 1,
          peakWatts: 30,
          periodSeconds: 5,
          burstSeconds: 2,
        } as const
        node.startPod({
          namespace: 'n',
          pod: 'p',
          containers: [
            { name: 'a', power: bursts },
            { name: 'b', power: constant(3) },
          ],
        })
        for (const seconds of steps) node.advance(seconds)
        const reading = node.observe('current')
        const systemEnergy = reading.processes.find(({ type }) => type === 'regular')?.energy.package ?? 0
        const sum = reading.containers.reduce((total, { energy }) => total + energy.package, systemEnergy)
        assert.equal(sum, reading.node.activeEnergy.package)
      }),
      { numRuns: 50 },
    )
  })

  it('never forgets energy, whatever happens to its counters', () => {
    const events = ['advance', 'restart', 'reset', 'resetCounters', 'zeroZone', 'observe'] as const
    assertProperty(
      property(array(constantFrom(...events), { maxLength: 40 }), (story) => {
        const node = nodeWithApp({ power: constant(7) })
        for (const event of story) {
          if (event === 'advance') node.advance(1)
          else if (event === 'restart') node.restartContainer(app)
          else if (event === 'reset') node.resetContainer(app)
          else if (event === 'resetCounters') node.resetCounters()
          else if (event === 'zeroZone') node.zeroZone('package')
          else node.observe('current')
        }
        assert.equal(node.joulesUsed(app), 7 * story.filter((event) => event === 'advance').length)
      }),
      { numRuns: 100 },
    )
  })
})

describe('the energy of a power profile', () => {
  it('is the time under the curve', () => {
    const burst: PowerProfile = {
      kind: 'burst',
      baseWatts: 2,
      peakWatts: 12,
      periodSeconds: 10,
      burstSeconds: 3,
    }
    assert.equal(joulesDrawn(burst, 0, 10), 2 * 10 + 10 * 3)
    assert.equal(joulesDrawn(burst, 3, 10), 14)
    assert.equal(joulesDrawn({ ...burst, phaseSeconds: 3 }, 0, 7), 14)
    assert.equal(joulesDrawn(burst, 1, 21), 2 * 20 + 10 * 6)
  })

  it('of a sine is its mean over whole periods', () => {
    const sine: PowerProfile = { kind: 'sine', meanWatts: 5, amplitudeWatts: 5, periodSeconds: 8 }
    assert.ok(Math.abs(joulesDrawn(sine, 3, 19) - 80) < 1e-9)
    assert.ok(joulesDrawn(sine, 0, 4) > 20)
  })
})
