import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { at, busybox, everything, measured, nginx, page } from '../../test/contracts/measured.ts'
import { createRecentSamples } from './recent-samples.ts'

const retentionSeconds = 60

describe('the samples of the last while', () => {
  it('set measurements aside whose names cannot be held, also when a renaming told of the names before', () => {
    const recent = createRecentSamples(retentionSeconds)
    recent.add(page([measured(10)]))
    const workload = { ...busybox, pod: 'nul\0' }
    const renamings = [{ containerId: 'c1', workload }]
    for (const second of [20, 30]) {
      const { added, setAside } = recent.add(page([measured(second, { workload })], { renamings }))
      assert.equal(added, 0)
      assert.deepEqual(
        setAside.map(({ reason }) => reason),
        ['has a NUL character in its pod'],
      )
    }
  })

  it('are found again after a page whose samples were all too old to be kept', () => {
    const recent = createRecentSamples(retentionSeconds)
    recent.add(page([measured(10)], { at: at(1000) }))
    assert.deepEqual(recent.samplesOf(busybox, everything), [])
    recent.add(page([measured(1010)]))
    assert.deepEqual(
      recent.samplesOf(busybox, everything).map(({ energy }) => energy),
      [1010],
    )
  })

  it('go each in their time, whether or not others of the node are still measured', () => {
    const recent = createRecentSamples(retentionSeconds)
    const other = (second: number) => measured(second, { containerId: 'c2', workload: nginx })
    for (const second of [10, 20]) recent.add(page([measured(second), other(second)]))
    for (let second = 30; second <= 80; second += 10) recent.add(page([other(second)]))
    assert.deepEqual(recent.workloadsSince(at(0)).length, 2)
    recent.add(page([other(90)]))
    assert.deepEqual(recent.workloadsSince(at(0)), [nginx])
    recent.add(page([measured(85), other(100)], { at: at(100) }))
    for (let second = 110; second <= 140; second += 10) recent.add(page([other(second)]))
    assert.deepEqual(recent.workloadsSince(at(0)).length, 2)
    for (let second = 150; second <= 170; second += 10) recent.add(page([other(second)]))
    assert.deepEqual(recent.workloadsSince(at(0)), [nginx])
  })
})
