import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { at, busybox, everything, measured, page } from '../../test/contracts/measured.ts'
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
})
