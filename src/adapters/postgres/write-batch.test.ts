import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import {
  at,
  batch,
  batchOf,
  busybox,
  energiesIn,
  everything,
  gapUntil,
  last,
  measured,
  never,
  nginx,
  page,
  samplesIn,
  stateAt,
} from '../../../test/contracts/measured.ts'
import { emptyEveryTable, openedStore } from '../../../test/postgres/opened-store.ts'
import { type PostgresServer, startPostgresServer } from '../../../test/postgres/server.ts'
import { instant, joules } from '../../units.ts'
import type { PostgresStore } from './postgres-store.ts'

let server: PostgresServer
let dsn = ''
let store: PostgresStore
const resources = new AsyncDisposableStack()
const query = (sql: string) => server.query(sql, 'test_1')
const count = async (table: string) => (await query(`select count(*)::int from ${table}`))[0]?.[0]

before(async () => {
  server = resources.use(await startPostgresServer())
  dsn = await server.createDatabase()
})
beforeEach(async () => {
  await store?.[Symbol.asyncDispose]()
  store = await openedStore(dsn)
  await store.ping()
  await query(emptyEveryTable)
})
after(async () => {
  await store?.[Symbol.asyncDispose]()
  await resources.disposeAsync()
})

const many = (rows: number, differing = {}) =>
  Array.from({ length: rows }, (_, index) => measured(10 * (index + 1), differing))

describe('a batch', () => {
  it('of more rows than one statement takes is written, and delivered again, whole', async () => {
    const large = batchOf(...many(25_000))
    assert.deepEqual(await store.write(large), { written: 25_000, repeated: 0, setAside: [] })
    assert.deepEqual(await store.write(large), { written: 0, repeated: 25_000, setAside: [] })
    const grown = batchOf(...many(25_001))
    assert.deepEqual(await store.write(grown), { written: 1, repeated: 25_000, setAside: [] })
    assert.equal(await count('container_metrics'), 25_001)
  })

  it('gives existing callers the power over the interval, and the counter', async () => {
    await store.write(batchOf(measured(10, { during: { from: at(-5), to: at(10) }, energy: joules(30) })))
    assert.deepEqual(
      await query(
        'select time, pod_id, namespace, energy_consumption, container_name, joules_total from container_metrics',
      ),
      [[new Date(at(10)), 'busybox-worker', 'default', 2, 'busybox', 1010]],
    )
  })

  it('gives a container without names three empty ones, which are nobody’s', async () => {
    await store.write(batchOf(measured(10, { workload: undefined })))
    assert.deepEqual(await query('select pod_id, namespace, container_name from container_metrics'), [
      ['', '', ''],
    ])
    const nameless = { namespace: '', pod: '', container: '' }
    assert.deepEqual(await energiesIn(store, nameless), [])
    await store.write(batchOf(measured(10, { containerId: 'c2', workload: nameless })))
    assert.deepEqual(await energiesIn(store, nameless), [10])
    assert.deepEqual(await energiesIn(store, nameless, last(3)), [10])
  })

  it('keeps any times and figures to the last bit', async () => {
    const time = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_998 })
    const figure = fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .filter((value) => !Object.is(value, -0))
    const drawn = fc.record({
      from: time,
      length: fc.integer({ min: 1, max: 1e9 }),
      energy: figure,
      counter: figure,
    })
    let run = 0
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(drawn, { selector: ({ from, length }) => from + length }),
        async (all) => {
          run += 1
          const workload = { ...busybox, pod: `run-${run}` }
          const written = all.map(({ from, length, energy, counter }) =>
            measured(0, {
              containerId: `run-${run}`,
              workload,
              during: { from: instant(from), to: instant(from + length) },
              energy: joules(energy),
              counter: joules(counter),
            }),
          )
          await store.write(batchOf(...written))
          const found = await samplesIn(store, workload)
          assert.deepEqual(
            found,
            written
              .toSorted((a, b) => a.during.to - b.during.to)
              .map(({ workload: _, ...sample }) => ({ node: 'node-1', ...sample })),
          )
        },
      ),
      { numRuns: 30 },
    )
  })

  it('of a node that cannot be named is set aside, and the other nodes are kept', async () => {
    const nameless = page([measured(10)], { node: 'a\0b', gaps: [gapUntil(10, { node: 'a\0b' })] })
    const outcome = await store.write(
      batch([nameless, page([measured(10)])], [stateAt(10, { node: 'a\0b' })]),
    )
    assert.equal(outcome.written, 1)
    assert.deepEqual(
      outcome.setAside.map(({ node, reason }) => [node, reason]),
      [['a\0b', 'is of a node that has a NUL character in its container id']],
    )
    assert.equal(await count('set_aside_measurements'), 3)
  })

  it('keeps what it sets aside, once', async () => {
    const poison = batchOf(measured(10, { energy: joules(Number.NaN) }))
    await store.write(poison)
    await store.write(poison)
    const kept = await query(
      `select reason, row::json #>> '{measurement,energy}' from set_aside_measurements`,
    )
    assert.deepEqual(kept, [['has an energy of NaN J', 'NaN']])
  })
})

describe('a row that the server refuses for a reason that nobody foresaw', () => {
  it('is set aside alone, in a batch of thousands', async () => {
    await query('alter table container_metrics add constraint odd check (joules <> 13)')
    const rows = many(3000).with(1234, measured(12_350, { energy: joules(13) }))
    const outcome = await store.write(batch([page(rows, { gaps: [gapUntil(10)] })], [stateAt(10)]))
    await query('alter table container_metrics drop constraint odd')
    assert.deepEqual([outcome.written, outcome.repeated], [2999, 0])
    assert.deepEqual(
      outcome.setAside.map(({ measurement, reason }) => [measurement.during.to, reason]),
      [
        [
          at(12_350),
          'is refused by PostgreSQL: new row for relation "container_metrics" violates check constraint "odd"',
        ],
      ],
    )
    assert.equal(await count('set_aside_measurements'), 1)
    assert.equal(await count('energy_gaps'), 1)
    assert.deepEqual(await store.nodeStates(), [stateAt(10)])
  })

  it('is set aside when its names are too long for the look-up index, and random', async () => {
    let seed = 1
    const letters = () => {
      seed = (seed * 48_271) % 2_147_483_647
      return String.fromCodePoint(33 + (seed % 90))
    }
    const name = () => Array.from({ length: 1024 }, letters).join('')
    const workload = { namespace: name(), pod: name(), container: name() }
    const outcome = await store.write(batchOf(measured(10), measured(10, { containerId: 'c2', workload })))
    assert.equal(outcome.written, 1)
    assert.match(outcome.setAside[0]?.reason ?? '', /^is refused by PostgreSQL: index row size/)
  })

  it('is set aside with its container, when that cannot be kept', async () => {
    await query(`alter table container_refs add constraint odd check (container_id <> 'c13')`)
    const outcome = await store.write(
      batchOf(measured(10), measured(10, { containerId: 'c13' }), measured(20)),
    )
    await query('alter table container_refs drop constraint odd')
    assert.equal(outcome.written, 2)
    assert.match(outcome.setAside[0]?.reason ?? '', /^is refused by PostgreSQL: .*"odd"$/)
    assert.deepEqual(await energiesIn(store, busybox), [10, 20])
  })
})

describe('what is delivered late', () => {
  it('does not bring back the state of a node from before', async () => {
    await store.write(batch([], [stateAt(20)]))
    await store.write(batch([], [stateAt(10)]))
    assert.deepEqual(await store.nodeStates(), [stateAt(20)])
  })

  it('does not bring back the names of a container from before', async () => {
    await store.write(batch([page([measured(20, { workload: nginx })])]))
    await store.write(batch([page([measured(10)])]))
    assert.deepEqual(await energiesIn(store, nginx), [10, 20])
    assert.deepEqual(await energiesIn(store, busybox), [])
  })

  it('to one process is known to another', async () => {
    await using other = await openedStore(dsn)
    await store.write(batchOf(measured(10, { workload: undefined })))
    await other.write(
      batch([page([measured(20)], { renamings: [{ containerId: 'c1', workload: busybox }] })]),
    )
    await store.write(batchOf(measured(700)))
    assert.deepEqual(await energiesIn(other, busybox), [10, 20, 700])
    assert.deepEqual(await store.workloadsSince(at(700), never), [busybox])
  })
})

describe('the last time of a workload', () => {
  it('is exact, although it is written every ten minutes only', async () => {
    for (let second = 10; second <= 1300; second += 10) await store.write(batchOf(measured(second)))
    for (const [second, isListed] of [
      [0, true],
      [610, true],
      [700, true],
      [1299, true],
      [1300, true],
      [1301, false],
      [9999, false],
    ] as const) {
      const found = await store.workloadsSince(at(second), never)
      assert.deepEqual(found, isListed ? [busybox] : [], `${second}`)
    }
    assert.deepEqual(await query('select last_measured_at from container_refs'), [[new Date(at(1210))]])
  })

  it('uses up no number when it is written', async () => {
    for (const second of [10, 1000, 2000, 3000]) await store.write(batchOf(measured(second)))
    await store.write(batchOf(measured(10, { containerId: 'c2' })))
    const [[first = 0, second = 0] = []] = await query('select min(ref), max(ref) from container_refs')
    assert.equal(Number(second) - Number(first), 1)
  })
})

describe('what is older than the retention', () => {
  it('is deleted: measurements, those of the predecessor, gaps, states, containers', async () => {
    const day = 86_400
    const old = { containerId: 'old', workload: nginx }
    const oldPage = page(many(25_000, old), { gaps: [gapUntil(10)] })
    await store.write(batch([oldPage], [stateAt(10, { node: 'node-0' })]))
    await query(`insert into container_metrics values (to_timestamp(${at(5) / 1000}), 'p', 'n', 1, 'c', 1)`)
    const newest = 31 * day + 250_000
    await store.write(batch([page([measured(newest)], { gaps: [gapUntil(newest)] })], [stateAt(newest)]))
    await using keeper = await openedStore(dsn, { retentionDays: 30, now: () => at(newest) })
    assert.equal(await keeper.forgetOld(), 25_001)
    assert.equal(await keeper.forgetOld(), 0)
    assert.deepEqual(await energiesIn(keeper, busybox, everything), [newest])
    assert.deepEqual(await keeper.workloadsSince(at(0), never), [busybox])
    assert.deepEqual(await keeper.nodeStates(), [stateAt(newest)])
    assert.equal((await keeper.gapsWithin({ from: at(0), to: at(newest) }, never)).length, 1)
  })

  it('is deleted with its sums, once all of their time has passed', async () => {
    const day = 86_400
    const outage = measured(4000, { containerId: 'c2', during: { from: at(20), to: at(4000) } })
    await store.write(batchOf(measured(10), measured(3610), outage, measured(7210)))
    const sums = async () =>
      (
        await query('select (select count(*) from energy_sums), (select count(*) from energy_long_samples)')
      )[0]
    await using later = await openedStore(dsn, { now: () => at(day) })
    await later.makeSums(never)
    assert.deepEqual(await sums(), ['6', '1'])
    for (const [second, left] of [
      [3599, ['5', '1']],
      [7199, ['3', '0']],
      [10_800, ['0', '0']],
    ] as const) {
      await using keeper = await openedStore(dsn, { retentionDays: 1, now: () => at(day + second) })
      await keeper.forgetOld()
      assert.deepEqual(await sums(), left)
    }
  })

  it('may come back under a new number, also to who remembers the old one', async () => {
    await store.write(batchOf(measured(10)))
    await using keeper = await openedStore(dsn, { retentionDays: 1, now: () => at(999_999) })
    await keeper.forgetOld()
    assert.equal((await store.write(batchOf(measured(999_999)))).written, 1)
    assert.deepEqual(await energiesIn(store, busybox), [999_999])
  })
})
