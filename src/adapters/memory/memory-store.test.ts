import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readInBlocks } from '../../../test/contracts/blocks-as-rows.ts'
import { everyEnergy } from '../../../test/contracts/energy-bins.ts'
import { behavesLikeAFactStore } from '../../../test/contracts/fact-store.ts'
import {
  batch,
  busybox,
  compareText,
  measured,
  never,
  nginx,
  page,
} from '../../../test/contracts/measured.ts'
import { equalsAModel } from '../../../test/contracts/measurement-model.ts'
import { behavesLikeAMeasurementStore } from '../../../test/contracts/measurement-store.ts'
import { behavesLikeATrailReader } from '../../../test/contracts/trail-reader.ts'
import { createMemoryStore } from './memory-store.ts'

const longEnough = 1e9

behavesLikeAMeasurementStore('memory', async () => ({ store: createMemoryStore(longEnough) }))

describe('memory, read in whole blocks', () => {
  it('answers like a plain list', async () => {
    await equalsAModel(readInBlocks(createMemoryStore(longEnough)))
  })

  it('tells of a container by its present names, and no more of one that is forgotten', async () => {
    const store = createMemoryStore(60)
    const reader = readInBlocks(store)
    const namesNow = async () => {
      const names = new Set<string | undefined>()
      for await (const { series } of reader.energyWithin(everyEnergy, never))
        for (const { workload } of series) names.add(workload?.pod)
      return [...names].sort((a, b) => compareText(a ?? '', b ?? ''))
    }
    await store.write(batch([page([measured(10), measured(10, { containerId: 'c2', workload: nginx })])]))
    assert.deepEqual(await namesNow(), [busybox.pod, nginx.pod])
    const renamings = [{ containerId: 'c1', workload: { ...busybox, pod: 'renamed' } }]
    await store.write(batch([page([measured(20)], { renamings })]))
    assert.deepEqual(await namesNow(), [nginx.pod, 'renamed'])
    await store.write(batch([page([measured(75)])]))
    assert.deepEqual(await namesNow(), [busybox.pod])
  })
})

behavesLikeAFactStore('memory', async () => ({ store: createMemoryStore(longEnough) }))
behavesLikeATrailReader('memory', async () => ({ store: createMemoryStore(longEnough) }))
