import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readingsOf } from '../../test/counter-readings.ts'
import { createEnergyLedger } from '../energy/energy-ledger.ts'
import type { LedgerBatch, Measurement } from '../energy/ledger-page.ts'
import { StoreError, type SupersededPages } from '../energy/measurement-store.ts'
import { markOf, type NodeState } from '../energy/node-state.ts'
import { acceptedOf } from '../energy/page-chain.ts'
import { instant, watts } from '../units.ts'
import { createHandOver } from './hand-over.ts'
import { createMemoryQueue } from './memory-queue.ts'

const node = 'node-1'

/** A store of several processes, as far as the chain of a node's pages goes. */
function createSharedStore() {
  const states = new Map<string, NodeState>()
  const rows: Measurement[] = []
  return {
    rows,
    held: () => states.get(node),
    async nodeStates(nodes: readonly string[] = [...states.keys()]) {
      return nodes.flatMap((name) => states.get(name) ?? [])
    },
    async write(batch: LedgerBatch) {
      const held = new Map(
        batch.states.map((state) => {
          const known = states.get(state.node)
          return [state.node, known === undefined ? undefined : markOf(known)] as const
        }),
      )
      const accepted = acceptedOf(batch, held)
      for (const { measurements } of accepted.batch.pages) rows.push(...measurements)
      for (const state of accepted.batch.states) states.set(state.node, state)
      return { superseded: accepted.superseded }
    },
  }
}

type World = {
  now: number
  readonly counters: Map<string, number>
  readonly store: ReturnType<typeof createSharedStore>
}

/** One of several processes that count the node. */
function createProcess(world: World, by: string) {
  const limits = { nodeMaxWatts: watts(1e12), scrapeIntervalSeconds: 10, retentionSeconds: 1e9, by }
  const ledger = createEnergyLedger(limits)
  const queue = createMemoryQueue({ mostBytes: 1e9, onDropped: () => assert.fail('nothing is dropped') })
  const forgotten: string[] = []
  const handOver = createHandOver({
    store: world.store,
    ledger,
    forgetSamples: (name) => forgotten.push(name),
    now: () => instant(world.now),
  })
  return {
    ledger,
    handOver,
    forgotten,
    async scrape() {
      await handOver.meet(node)
      const rows = Array.from(world.counters, ([containerId, joules]) => ({
        containerId,
        component: 'package',
        mode: 'dynamic' as const,
        state: 'running' as const,
        naming: { kind: 'unnamed' as const },
        joules,
      }))
      const readings = readingsOf(rows)
      const scrape = { node, at: instant(world.now), basis: 'b', readings, nodeReadings: [], unreadLines: 0 }
      const entry = ledger.record({ ...scrape, level: 'container' })
      const state = ledger.stateOf(node)
      if (entry.kind === 'recorded' && state !== undefined) await queue.push(entry.page, state)
    },
    /** Writes what waits; `isHeard` when the process hears that it was written. */
    async flush(isHeard: boolean) {
      const waiting = await queue.peek(1000)
      if (waiting === undefined) return
      const { superseded } = await world.store.write(waiting.batch)
      if (!isHeard) return
      await queue.acknowledge(waiting.token)
      for (const pages of superseded) await handOver.superseded(pages)
    },
    depth: () => queue.depth.pages,
  }
}

type Step =
  | { readonly kind: 'use'; readonly container: number; readonly joules: number }
  | { readonly kind: 'scrape' | 'flush' | 'flush unheard' | 'restart'; readonly process: number }

const step = fc.oneof(
  fc.record({
    kind: fc.constant('use' as const),
    container: fc.integer({ min: 0, max: 3 }),
    joules: fc.integer({ min: 1, max: 1000 }),
  }),
  fc.record({
    kind: fc.constantFrom('scrape', 'scrape', 'flush', 'flush', 'flush unheard', 'restart'),
    process: fc.integer({ min: 0, max: 2 }),
  }),
)

/** Lets three processes count one node in whatever order, and gives what the store holds in the end. */
async function play(steps: readonly Step[]) {
  const world: World = { now: 0, counters: new Map([['c0', 5]]), store: createSharedStore() }
  let processes = 0
  const start = () => {
    processes += 1
    return createProcess(world, `process-${processes}`)
  }
  const running = [start(), start(), start()]
  for (const step of steps) {
    world.now += 1000
    if (step.kind === 'use') {
      const id = `c${step.container}`
      world.counters.set(id, (world.counters.get(id) ?? 0) + step.joules)
      continue
    }
    const process = running[step.process]
    if (process === undefined) continue
    if (step.kind === 'scrape') await process.scrape()
    else if (step.kind === 'restart') running[step.process] = start()
    else await process.flush(step.kind === 'flush')
  }
  // In the end one of them is left, and has its way.
  const [last] = running
  for (let round = 0; round < 4; round += 1) {
    world.now += 1000
    await last?.scrape()
    while ((last?.depth() ?? 0) > 0) await last?.flush(true)
  }
  return world
}

describe('a node that several processes count', () => {
  it('has every joule kept once, whatever they do in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { counters, store } = await play(steps)
        const kept = new Map<string, { joules: number; until: number }>()
        let first = Number.POSITIVE_INFINITY
        for (const { containerId, during, energy } of store.rows) {
          const before = kept.get(containerId) ?? { joules: 0, until: Number.NEGATIVE_INFINITY }
          assert.ok(during.from >= before.until, `${containerId} overlaps at ${during.from}`)
          kept.set(containerId, { joules: before.joules + energy, until: during.to })
          first = Math.min(first, during.from)
        }
        // What was used before the first page was kept is the beginning, and no energy.
        const baseline = baselineOf(steps, first)
        for (const [containerId, joules] of counters) {
          const expected = joules - (baseline.get(containerId) ?? 0)
          assert.equal(kept.get(containerId)?.joules ?? 0, expected, containerId)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('goes on, for whoever meets it, from what the others have kept', async () => {
    const world: World = { now: 0, counters: new Map([['c0', 5]]), store: createSharedStore() }
    const [one, other] = [createProcess(world, 'one'), createProcess(world, 'other')]
    await one.scrape()
    await one.flush(true)
    world.counters.set('c0', 12)
    world.now = 10_000
    await other.scrape()
    await other.flush(true)
    assert.deepEqual(
      world.store.rows.map(({ during, energy }) => [during.from, during.to, energy]),
      [[0, 10_000, 7]],
    )
  })

  it('has its samples in memory forgotten when they were counted by another, once for all that fell', async () => {
    const world: World = { now: 0, counters: new Map([['c0', 5]]), store: createSharedStore() }
    const [one, other] = [createProcess(world, 'one'), createProcess(world, 'other')]
    await one.scrape()
    await other.scrape()
    await one.flush(true)
    world.now = 10_000
    await other.scrape()
    await other.flush(true)
    assert.deepEqual(other.forgotten, [node])
    const late: SupersededPages = { node, measurements: 1, until: instant(10_000), isMended: false }
    await other.handOver.superseded(late)
    await other.handOver.superseded({ ...late, until: instant(20_000), isMended: true })
    assert.deepEqual(other.forgotten, [node])
    await other.handOver.superseded({ ...late, until: instant(20_000) })
    assert.deepEqual(other.forgotten, [node, node])
  })

  it('is not counted while nobody can say what was kept of it', async () => {
    const ledger = createEnergyLedger({
      nodeMaxWatts: watts(1),
      scrapeIntervalSeconds: 1,
      retentionSeconds: 1,
    })
    const handOver = createHandOver({
      store: {
        async nodeStates() {
          throw new StoreError('the store is away')
        },
      },
      ledger,
      forgetSamples: () => {},
      now: () => instant(0),
    })
    await assert.rejects(handOver.meet(node), StoreError)
    assert.equal(ledger.knows(node), false)
  })

  it('stays as it is when nothing is kept of it any more', async () => {
    const world: World = { now: 0, counters: new Map([['c0', 5]]), store: createSharedStore() }
    const process = createProcess(world, 'one')
    await process.scrape()
    await process.handOver.superseded({ node, measurements: 1, until: instant(0), isMended: false })
    assert.deepEqual(process.forgotten, [])
    assert.equal(process.ledger.knows(node), true)
  })
})

/** The counters at the scrape that the first kept page begins with; all of them where nothing was kept. */
function baselineOf(steps: readonly Step[], at: number): ReadonlyMap<string, number> {
  const counters = new Map([['c0', 5]])
  let now = 0
  for (const step of steps) {
    now += 1000
    if (now > at) break
    if (step.kind !== 'use') continue
    const id = `c${step.container}`
    counters.set(id, (counters.get(id) ?? 0) + step.joules)
  }
  return counters
}
