import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { StoreError } from '../energy/measurement-store.ts'
import { instant } from '../units.ts'
import { createLazyStore } from './lazy-store.ts'

const { signal } = new AbortController()

describe('a store that is opened when it is needed', () => {
  it('is opened once, however many ask at once', async () => {
    let opens = 0
    const store = createLazyStore(async () => {
      opens += 1
      return createMemoryStore(3600)
    })
    assert.equal(store.opened(), undefined)
    await Promise.all([store.nodeStates(), store.allFacts(), store.workloadsSince(instant(0), signal)])
    await store.write({ pages: [], states: [] })
    await store.addFacts([])
    assert.deepEqual(await store.gapsWithin({ from: instant(0), to: instant(1) }, signal), [])
    const samples = store.samplesOf(
      { namespace: 'a', pod: 'b', container: 'c' },
      { kind: 'last', count: 1 },
      signal,
    )
    for await (const portion of samples) assert.deepEqual(portion, [])
    const during = { from: instant(0), to: instant(1) }
    const energy = store.energyWithin({ during, where: {}, grainSeconds: undefined }, signal)
    for await (const spans of energy) assert.equal(spans.length, 0)
    assert.equal(opens, 1)
    assert.notEqual(store.opened(), undefined)
  })

  it('is tried again at the next need when it could not be opened', async () => {
    let isReadOnly = true
    const store = createLazyStore(async () => {
      if (isReadOnly) throw new StoreError('the directory is read-only')
      return createMemoryStore(3600)
    })
    await assert.rejects(store.nodeStates(), StoreError)
    await assert.rejects(store.nodeStates(), StoreError)
    isReadOnly = false
    assert.deepEqual(await store.nodeStates(), [])
  })
})
