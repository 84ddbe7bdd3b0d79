import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import type { LedgerBatch } from '../energy/ledger-page.ts'
import { StoreError } from '../energy/measurement-store.ts'
import { instant, joules } from '../units.ts'
import { createSampleReader, type ReadableStore } from './read-samples.ts'

const web = { namespace: 'shop', pod: 'web-1', container: 'app' }
const { signal } = new AbortController()
const everything = { kind: 'range', from: instant(0), to: instant(1e9) } as const

function measured(endSecond: number, energy: number, containerId = 'c1'): LedgerBatch {
  const during = { from: instant((endSecond - 10) * 1000), to: instant(endSecond * 1000) }
  const measurement = {
    containerId,
    workload: web,
    during,
    energy: joules(energy),
    counter: joules(0),
    flags: [],
  }
  return {
    pages: [{ node: 'node-a', at: during.to, measurements: [measurement], renamings: [], gaps: [] }],
    states: [],
  }
}

async function storeWith(...batches: readonly LedgerBatch[]): Promise<ReadableStore> {
  const store = createMemoryStore(1e9)
  for (const batch of batches) await store.write(batch)
  return { ...store, whenAway: 'fail' }
}

const away: ReadableStore = {
  whenAway: 'fail',
  async *samplesOf() {
    yield* []
    throw new StoreError('the database is away')
  },
  async workloadsSince() {
    throw new StoreError('the database is away')
  },
}

async function energiesIn(
  stores: readonly ReadableStore[],
  selection: Parameters<ReturnType<typeof createSampleReader>['samplesOf']>[1] = everything,
) {
  const reading = await createSampleReader(stores, 100).samplesOf(web, selection, signal)
  return reading.kind === 'read' ? reading.samples.map(({ energy }) => energy) : reading
}

describe('reading samples from several stores', () => {
  it('gives each sample once, in order of time', async () => {
    const recent = await storeWith(measured(20, 2), measured(30, 3))
    const stored = await storeWith(measured(10, 1), measured(20, 2))
    assert.deepEqual(await energiesIn([recent, stored]), [1, 2, 3])
  })

  it('adds up containers that share names, node and interval, though they lie in different stores', async () => {
    assert.deepEqual(
      await energiesIn([await storeWith(measured(10, 1, 'old')), await storeWith(measured(10, 2, 'new'))]),
      [3],
    )
  })

  it('gives the last ones over all stores', async () => {
    const recent = await storeWith(measured(40, 4))
    const stored = await storeWith(measured(10, 1), measured(20, 2), measured(30, 3))
    assert.deepEqual(await energiesIn([recent, stored], { kind: 'last', count: 2 }), [3, 4])
  })

  it('gives up on more than can be answered', async () => {
    const many = Array.from({ length: 101 }, (_, at) => measured(10 * (at + 1), 1))
    assert.deepEqual(await energiesIn([await storeWith(...many)]), { kind: 'too-many', most: 100 })
  })

  it('fails with a store that must be there', async () => {
    const reader = createSampleReader([await storeWith(measured(10, 1)), away], 100)
    await assert.rejects(reader.samplesOf(web, everything, signal), StoreError)
    await assert.rejects(reader.workloadsSince(instant(0), signal), StoreError)
  })

  it('goes on without a store that may be away, and says so', async () => {
    const reader = createSampleReader([await storeWith(measured(10, 1)), { ...away, whenAway: 'warn' }], 100)
    const reading = await reader.samplesOf(web, everything, signal)
    assert.equal(reading.kind, 'read')
    assert.deepEqual(reading.kind === 'read' && reading.warnings, [
      'What was stored is missing from this answer: the database is away',
    ])
    assert.deepEqual(await reader.workloadsSince(instant(0), signal), [web])
  })

  it('lists workloads once, in order', async () => {
    const stores = [await storeWith(measured(10, 1)), await storeWith(measured(10, 1), measured(20, 1))]
    assert.deepEqual(await createSampleReader(stores, 100).workloadsSince(instant(20_000), signal), [web])
    assert.deepEqual(await createSampleReader(stores, 100).workloadsSince(instant(20_001), signal), [])
  })
})
