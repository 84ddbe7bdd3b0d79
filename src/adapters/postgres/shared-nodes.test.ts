import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { at, batch, busybox, measured, page, samplesIn, stateAt } from '../../../test/contracts/measured.ts'
import { readingsOf } from '../../../test/counter-readings.ts'
import { emptyEveryTable, openedStore } from '../../../test/postgres/opened-store.ts'
import { type PostgresServer, startPostgresServer } from '../../../test/postgres/server.ts'
import { createEnergyLedger } from '../../energy/energy-ledger.ts'
import type { LedgerBatch } from '../../energy/ledger-page.ts'
import { createHandOver } from '../../flows/hand-over.ts'
import { instant, watts } from '../../units.ts'
import type { PostgresStore } from './postgres-store.ts'

let server: PostgresServer
let dsn = ''
const stores: PostgresStore[] = []
const resources = new AsyncDisposableStack()

before(async () => {
  server = resources.use(await startPostgresServer())
  dsn = await server.createDatabase()
  for (let process = 0; process < 3; process += 1) stores.push(resources.use(await openedStore(dsn)))
  await stores[0]?.ping()
})
beforeEach(async () => {
  await server.query(emptyEveryTable, 'test_1')
})
after(() => resources.disposeAsync())

function storeOf(process: number): PostgresStore {
  const store = stores[process]
  assert.ok(store !== undefined)
  return store
}

/** What a process writes that goes on from second `from`, of `maker`, to second `to`. */
function written(
  by: string,
  from: readonly [second: number, maker: string] | undefined,
  to: number,
): LedgerBatch {
  const after = from === undefined ? {} : { after: { at: at(from[0]), by: from[1] } }
  const during = { from: at(from?.[0] ?? to - 10), to: at(to) }
  return batch([page([measured(to, { during })], { link: { by, ...after } })], [stateAt(to, { by })])
}

describe('a node that several processes count into one database', () => {
  it('is kept as one chain, whoever goes on with it', async () => {
    assert.equal((await storeOf(0).write(written('a', undefined, 10))).written, 1)
    assert.equal((await storeOf(1).write(written('b', [10, 'a'], 20))).written, 1)
    assert.deepEqual(await storeOf(0).write(written('a', [10, 'a'], 25)), {
      written: 0,
      repeated: 0,
      setAside: [],
      superseded: [{ node: 'node-1', measurements: 1, until: at(25), isMended: false }],
    })
    assert.deepEqual(await storeOf(0).nodeStates(['node-1', 'node-2']), [stateAt(20, { by: 'b' })])
    assert.equal((await storeOf(0).write(written('a', [20, 'b'], 30))).written, 1)
    const ends = (await samplesIn(storeOf(2), busybox)).map(({ during }) => (during.to - at(0)) / 1000)
    assert.deepEqual(ends, [10, 20, 30])
  })

  it('is begun by one of those that begin at the same time', async () => {
    const outcomes = await Promise.all(
      stores.map((store, process) => store.write(written(`process-${process}`, undefined, 10 + process))),
    )
    assert.equal(outcomes.filter(({ superseded }) => superseded === undefined).length, 1)
    assert.equal((await samplesIn(storeOf(0), busybox)).length, 1)
  })

  it('is not written again when a batch is delivered again, also after another has gone on', async () => {
    const first = written('a', undefined, 10)
    await storeOf(0).write(first)
    assert.deepEqual(await storeOf(0).write(first), { written: 0, repeated: 1, setAside: [] })
    await storeOf(1).write(written('b', [10, 'a'], 20))
    assert.equal((await storeOf(0).write(first)).superseded?.length, 1)
    assert.deepEqual(await storeOf(0).nodeStates(), [stateAt(20, { by: 'b' })])
    assert.equal((await samplesIn(storeOf(0), busybox)).length, 2)
  })

  it('is taken on by a process that tells of no other, as before', async () => {
    await storeOf(0).write(written('a', undefined, 10))
    const alone = batch([page([measured(20)])], [stateAt(20)])
    assert.equal((await storeOf(1).write(alone)).written, 1)
    assert.deepEqual(await storeOf(1).nodeStates(), [stateAt(20)])
  })

  it('has every joule kept once while all of them scrape and write at the same time', async () => {
    let now = at(0)
    const counters = new Map(['c1', 'c2', 'c3'].map((id) => [id, 100]))
    const processes = stores.map((store, number) => createProcess(store, `process-${number}`, () => now))
    for (let round = 0; round < 40; round += 1) {
      for (const [id, joules] of counters) counters.set(id, joules + 1 + (round % 7))
      if (round === 20) counters.set('late', 5)
      await Promise.all(
        processes.map(async (process, number) => {
          now = instant(now + 1000 + number)
          await process.scrape(counters, now)
          if ((round + number) % 3 !== 0) await process.flush()
        }),
      )
    }
    for (const process of processes) await process.flush()
    const [last] = processes
    for (let round = 0; round < 2; round += 1) {
      now = instant(now + 1000)
      await last?.scrape(counters, now)
      await last?.flush()
    }

    const [[overlaps] = []] = await server.query(
      `select count(*)::int from (
         select started_at, lag(time) over (partition by container_ref order by time) as before from container_metrics
       ) as following where started_at < before`,
      'test_1',
    )
    assert.equal(overlaps, 0)
    const rows = await server.query(
      `select container_id, sum(joules), max(joules_total) - min(joules_total - joules)
       from container_metrics join container_refs on ref = container_ref group by 1 order by 1`,
      'test_1',
    )
    assert.equal(rows.length, counters.size)
    for (const [id, joules, counted] of rows) {
      assert.equal(joules, counted, `${String(id)} has all that its counter counted`)
    }
    const kept = new Map(rows.map(([id, joules]) => [id, joules]))
    assert.equal(kept.get('late'), counters.get('late'))
  })
})

/** A process as far as scraping and writing go, with all pages in one batch. */
function createProcess(store: PostgresStore, by: string, now: () => ReturnType<typeof at>) {
  const limits = { nodeMaxWatts: watts(1e9), scrapeIntervalSeconds: 1, retentionSeconds: 1e6, by }
  const ledger = createEnergyLedger(limits)
  const handOver = createHandOver({ store, ledger, forgetSamples: () => {}, now })
  let waiting: LedgerBatch = { pages: [], states: [] }
  return {
    async scrape(counters: ReadonlyMap<string, number>, scrapedAt: ReturnType<typeof at>) {
      await handOver.meet('node-1')
      const rows = Array.from(counters, ([containerId, joules]) => ({
        containerId,
        component: 'package',
        mode: 'dynamic' as const,
        state: 'running' as const,
        naming: { kind: 'named' as const, workload: { ...busybox, container: containerId } },
        joules,
      }))
      const scrape = { node: 'node-1', at: scrapedAt, basis: 'b', level: 'container' as const }
      const entry = ledger.record({ ...scrape, readings: readingsOf(rows), nodeReadings: [], unreadLines: 0 })
      const state = ledger.stateOf('node-1')
      if (entry.kind === 'recorded' && state !== undefined)
        waiting = { pages: [...waiting.pages, entry.page], states: [state] }
    },
    async flush() {
      const writing = waiting
      waiting = { pages: [], states: [] }
      if (writing.pages.length === 0) return
      const { superseded = [] } = await store.write(writing)
      for (const pages of superseded) await handOver.superseded(pages)
    },
  }
}
