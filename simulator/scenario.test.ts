import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createDemoScenario } from './scenario.ts'

const running = (scenario: ReturnType<typeof createDemoScenario>) =>
  scenario.nodes.flatMap(({ node }) => node.running().map(({ pod, container }) => `${pod}/${container}`))

describe('the demo scenario', () => {
  it('has one node of each dialect with eight containers to begin with', () => {
    const scenario = createDemoScenario(1)
    assert.deepEqual(
      scenario.nodes.map(({ dialect }) => dialect),
      ['legacy', 'current'],
    )
    assert.equal(running(scenario).length, 8)
  })

  it('plays the same story for the same seed, however often it is ticked', () => {
    const [often, once, other] = [createDemoScenario(7), createDemoScenario(7), createDemoScenario(8)]
    for (let second = 0; second <= 700; second += 1) often.tick(second)
    once.tick(700)
    other.tick(700)
    assert.deepEqual(running(often), running(once))
    assert.notDeepEqual(running(often), running(other))
    for (const [index, { node }] of often.nodes.entries()) {
      const same = once.nodes[index]?.node
      assert.deepEqual(node.used(), same?.used())
    }
  })

  it('does not turn back when the clock does', () => {
    const scenario = createDemoScenario(1)
    scenario.tick(10)
    scenario.tick(4)
    assert.deepEqual(
      scenario.nodes.map(({ node }) => node.seconds()),
      [10, 10],
    )
  })

  it('lets a job come and go', () => {
    const scenario = createDemoScenario(1)
    const hasJob = (second: number) => {
      scenario.tick(second)
      return running(scenario).some((name) => name.endsWith('/report'))
    }
    assert.deepEqual(
      [hasJob(5), hasJob(6), hasJob(30), hasJob(31), hasJob(66)],
      [false, true, true, false, true],
    )
  })

  it('replaces the pod of a deployment, both running for a while', () => {
    const scenario = createDemoScenario(1)
    const webPods = (second: number) => {
      scenario.tick(second)
      return running(scenario).filter((name) => name.startsWith('web-') && name.endsWith('/app'))
    }
    const [before, during, after] = [webPods(44), webPods(45), webPods(49)]
    assert.deepEqual([before.length, during.length, after.length], [1, 2, 1])
    assert.notDeepEqual(before, after)
  })

  it('restarts a crashing container under a new id', () => {
    const scenario = createDemoScenario(1)
    const id = (second: number) => {
      scenario.tick(second)
      return scenario.nodes[0]?.node.running().find(({ container }) => container === 'main')?.id
    }
    assert.notEqual(id(16), id(17))
  })

  it('restarts the exporters now and then', () => {
    const scenario = createDemoScenario(1)
    const active = (second: number) => {
      scenario.tick(second)
      return scenario.nodes[1]?.node.observe('current').node.activeEnergy.package ?? 0
    }
    assert.ok(active(119) > 0)
    assert.equal(active(120), 0)
  })

  it('only ever counts whole milli-joules on the legacy node', () => {
    const scenario = createDemoScenario(3)
    scenario.tick(63.21)
    for (const { microjoules } of scenario.nodes[0]?.node.used() ?? []) assert.equal(microjoules % 1000, 0)
  })
})
