import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { eachSpan } from '../energy/clip-spans.ts'
import type { EnergyQuestion, EnergyReader } from '../energy/energy-spans.ts'
import type { LedgerBatch } from '../energy/ledger-page.ts'
import { StoreError } from '../energy/measurement-store.ts'
import { instant, joules } from '../units.ts'
import { createEnergyReadings, type EnergyReading, TooMuchEnergyError } from './read-energy.ts'

const { signal } = new AbortController()
const second = (value: number) => instant(value * 1000)

type Measured = {
  readonly node?: string
  readonly containerId?: string
  readonly from?: number
  readonly to: number
  readonly joules?: number
}

/** What a container, `c1` of `node-1` unless said otherwise, used in the ten seconds until `to`, at one watt. */
function measured({
  node = 'node-1',
  containerId = 'c1',
  to,
  from = to - 10,
  ...more
}: Measured): LedgerBatch {
  const measurement = {
    containerId,
    workload: { namespace: 'shop', pod: containerId, container: 'app' },
    during: { from: second(from), to: second(to) },
    energy: joules(more.joules ?? to - from),
    counter: joules(0),
    flags: [],
  }
  return {
    pages: [{ node, at: second(to), measurements: [measurement], renamings: [], gaps: [] }],
    states: [],
  }
}

const forEver = 1e9

async function memoryWith(retentionSeconds: number, ...batches: readonly LedgerBatch[]) {
  const memory = createMemoryStore(retentionSeconds)
  for (const batch of batches) await memory.write(batch)
  return memory
}

async function storeWith(...batches: readonly LedgerBatch[]) {
  return { ...(await memoryWith(forEver, ...batches)), whenAway: 'fail' as const }
}

const away = {
  whenAway: 'warn' as const,
  async *energyWithin() {
    yield* []
    throw new StoreError('the disk is full')
  },
}

function between(from: number, to: number, grainSeconds?: number): EnergyQuestion {
  return { during: { from: second(from), to: second(to) }, where: {}, grainSeconds }
}

/** The energy of each node within the question, in seconds of one watt; cut at its ends. */
async function energyIn(reader: EnergyReader, question: EnergyQuestion) {
  const { from, to } = question.during
  const sums: Record<string, number> = {}
  for await (const spans of reader.energyWithin(question, signal)) {
    eachSpan(spans, (series, row) => {
      const shared = Math.min(row.to, to) - Math.max(row.from, from)
      assert.ok(shared > 0, 'a row shares no time with the question')
      sums[series.node] = (sums[series.node] ?? 0) + (row.joules * shared) / (row.to - row.from)
    })
  }
  return sums
}

describe('reading energy from memory and a store', () => {
  it('gives from memory alone, whole, when nothing outlives the process', async () => {
    const memory = await memoryWith(3600, measured({ to: 10 }), measured({ to: 20 }))
    const begin = createEnergyReadings({ memory, stored: undefined, storedWithinSeconds: 60, mostRows: 10 })
    assert.deepEqual(await energyIn(begin(), between(0, 100)), { 'node-1': 20 })
    assert.deepEqual(await energyIn(begin(), between(15, 100)), { 'node-1': 5 })
  })

  it('gives each sample once, though both have it', async () => {
    const batches = Array.from({ length: 100 }, (_, at) => measured({ to: 10 * (at + 1) }))
    const begin = createEnergyReadings({
      memory: await memoryWith(forEver, ...batches.slice(20)),
      stored: await storeWith(...batches.slice(0, 90)),
      storedWithinSeconds: 60,
      mostRows: 1000,
    })
    assert.deepEqual(await energyIn(begin(), between(0, 2000)), { 'node-1': 1000 })
    assert.deepEqual(await energyIn(begin(), between(195, 205)), { 'node-1': 10 })
    assert.deepEqual(await energyIn(begin(), between(0, 2000, 3600)), { 'node-1': 1000 })
  })

  it('gives nodes that only the store knows, and nodes that memory has lost sight of', async () => {
    const begin = createEnergyReadings({
      memory: await memoryWith(
        forEver,
        measured({ node: 'moved', to: 10 }),
        measured({ to: 400 }),
        measured({ to: 1000 }),
      ),
      stored: await storeWith(
        measured({ node: 'moved', to: 10 }),
        measured({ node: 'moved', to: 900 }),
        measured({ node: 'elsewhere', to: 900 }),
        measured({ to: 400 }),
      ),
      storedWithinSeconds: 60,
      mostRows: 1000,
    })
    assert.deepEqual(await energyIn(begin(), between(0, 2000)), { 'node-1': 20, moved: 20, elsewhere: 10 })
  })

  it('hands out whole blocks where all that memory has of a node counts, and rows where it is cut', async () => {
    const batches = Array.from({ length: 100 }, (_, at) => measured({ to: 10 * (at + 1) }))
    const begin = createEnergyReadings({
      memory: await memoryWith(
        forEver,
        ...batches.slice(20),
        measured({ node: 'new', to: 990 }),
        measured({ node: 'new', to: 1000 }),
      ),
      stored: await storeWith(...batches.slice(0, 90)),
      storedWithinSeconds: 60,
      mostRows: 1000,
    })
    const sums = async (from: number) => {
      const taken = new Set<string>()
      const rows = await energyIn(begin(), {
        ...between(from, 2000),
        takeBlock: ({ node }) => taken.add(node).size > 0,
      })
      return { taken: [...taken], rows }
    }
    assert.deepEqual(await sums(0), { taken: [], rows: { 'node-1': 1000, new: 10 } })
    assert.deepEqual(await sums(900), { taken: ['node-1'], rows: { new: 10 } })
  })

  it('counts what is in whole blocks', async () => {
    const memory = await memoryWith(3600, measured({ to: 10 }), measured({ to: 20 }), measured({ to: 30 }))
    const begin = createEnergyReadings({ memory, stored: undefined, storedWithinSeconds: 60, mostRows: 2 })
    const asked = { ...between(5, 100), takeBlock: () => true }
    await assert.rejects(energyIn(begin(), asked), TooMuchEnergyError)
    assert.deepEqual(await energyIn(begin(), { ...asked, ...between(15, 100) }), {})
  })

  it('does not ask the store about a node for time in which memory is complete', async () => {
    const memory = await memoryWith(forEver, measured({ to: 10 }), measured({ to: 2000 }))
    const asked: EnergyQuestion[] = []
    const stored = {
      whenAway: 'fail' as const,
      async *energyWithin(question: EnergyQuestion) {
        asked.push(question)
        yield* []
      },
    }
    const begin = createEnergyReadings({ memory, stored, storedWithinSeconds: 60, mostRows: 1000 })
    await energyIn(begin(), between(100, 2000, 300))
    await energyIn(begin(), between(-600, 2000, 300))
    assert.deepEqual(asked, [
      { ...between(100, 2000, 300), where: { exceptNodes: ['node-1'] } },
      { ...between(-600, 300, 300), where: { exceptNodes: [] } },
      { ...between(300, 2000, 300), where: { exceptNodes: ['node-1'] } },
    ])
  })

  it('reads no sums where memory of a node begins within one', async () => {
    const memory = await memoryWith(forEver, measured({ to: 610 }), measured({ to: 620 }))
    const asked: EnergyQuestion[] = []
    const stored = {
      whenAway: 'fail' as const,
      async *energyWithin(question: EnergyQuestion) {
        asked.push(question)
        yield* []
      },
    }
    await energyIn(
      createEnergyReadings({ memory, stored, storedWithinSeconds: 60, mostRows: 9 })(),
      between(0, 2000, 300),
    )
    assert.deepEqual(
      asked.map(({ during, grainSeconds }) => [during.from / 1000, during.to / 1000, grainSeconds]),
      [
        [0, 600, 300],
        [600, 900, undefined],
        [900, 2000, 300],
      ],
    )
  })

  it('gives up on more than may be read for one answer, all its questions together', async () => {
    const memory = await memoryWith(forEver, measured({ to: 10 }), measured({ to: 20 }))
    const begin = createEnergyReadings({ memory, stored: undefined, storedWithinSeconds: 60, mostRows: 3 })
    const reading = begin()
    await energyIn(reading, between(0, 100))
    await assert.rejects(energyIn(reading, between(0, 100)), (failure) => {
      assert.ok(failure instanceof TooMuchEnergyError)
      assert.equal(failure.mostRows, 3)
      return true
    })
    assert.deepEqual(await energyIn(begin(), between(0, 100)), { 'node-1': 20 })
  })

  it('fails with a store that must be there', async () => {
    const memory = await memoryWith(forEver, measured({ to: 10 }))
    const begin = createEnergyReadings({
      memory,
      stored: { ...away, whenAway: 'fail' },
      storedWithinSeconds: 60,
      mostRows: 10,
    })
    await assert.rejects(energyIn(begin(), between(0, 100)), StoreError)
  })

  it('goes on with all that memory has without a store that may be away, and says so', async () => {
    const memory = await memoryWith(forEver, measured({ to: 10 }), measured({ to: 20 }))
    const reading: EnergyReading = createEnergyReadings({
      memory,
      stored: away,
      storedWithinSeconds: 60,
      mostRows: 10,
    })()
    assert.deepEqual(reading.warnings, [])
    assert.deepEqual(await energyIn(reading, between(0, 100)), { 'node-1': 20 })
    assert.deepEqual(reading.warnings, ['What was stored is missing from this answer: the disk is full'])
  })

  it('ends with the reason of the caller who has gone', async () => {
    const reason = new Error('the caller has gone')
    const memory = await memoryWith(forEver, measured({ to: 10 }))
    const reading = createEnergyReadings({
      memory,
      stored: undefined,
      storedWithinSeconds: 60,
      mostRows: 10,
    })()
    const portions = reading.energyWithin(between(0, 100), AbortSignal.abort(reason))
    await assert.rejects(async () => {
      for await (const spans of portions) assert.fail(`${spans.length} rows`)
    }, reason)
  })

  it('adds up to what was measured, wherever memory begins and whenever nodes came', async () => {
    const histories = fc.array(
      fc.record({
        node: fc.constantFrom('node-1', 'node-2', 'node-3'),
        containerId: fc.constantFrom('c1', 'c2'),
        passed: fc.integer({ min: 0, max: 200 }),
        /** How long ago the container was measured last. */
        length: fc.integer({ min: 1, max: 900 }),
        joules: fc.double({ min: 0, max: 1e6, noNaN: true }),
      }),
      { minLength: 1, maxLength: 40 },
    )
    const ends = fc.tuple(fc.integer({ min: -1000, max: 5000 }), fc.integer({ min: 1, max: 5000 }))
    await fc.assert(
      fc.asyncProperty(
        histories,
        ends,
        fc.record({
          restart: fc.nat(40),
          retention: fc.integer({ min: 100, max: 2000 }),
          grain: fc.constantFrom(undefined, 300, 3600),
        }),
        async (history, [from, length], { restart, retention, grain }) => {
          let now = 0
          const ended = new Set<string>()
          const batches = history.flatMap(({ node, containerId, passed, length: lasted, joules: used }) => {
            now += passed
            const key = `${node} ${containerId} ${now}`
            if (ended.has(key)) return []
            ended.add(key)
            return [measured({ node, containerId, from: now - lasted, to: now, joules: used })]
          })
          const everything = await storeWith(...batches)
          const memory = await memoryWith(retention, ...batches.slice(restart))
          const question = between(from, from + length, grain)
          const begin = createEnergyReadings({
            memory,
            stored: everything,
            storedWithinSeconds: 60,
            mostRows: 1e6,
          })
          const found = await energyIn(begin(), question)
          const expected = await energyIn(everything, question)
          for (const node of new Set([...Object.keys(found), ...Object.keys(expected)])) {
            const [a = 0, b = 0] = [found[node], expected[node]]
            assert.ok(Math.abs(a - b) <= 1e-9 * Math.max(a, b) + 1e-300, `${node}: ${a} instead of ${b}`)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
