import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import {
  at,
  batchOf,
  energiesIn,
  everything,
  last,
  measured,
  never,
  range,
  samplesIn,
} from '../../../test/contracts/measured.ts'
import { openedStore } from '../../../test/postgres/opened-store.ts'
import { predecessorTable } from '../../../test/postgres/predecessor.ts'
import { type PostgresServer, startPostgresServer } from '../../../test/postgres/server.ts'
import type { EnergyFilter, EnergyQuestion } from '../../energy/energy-spans.ts'
import { instant, joules } from '../../units.ts'
import type { PostgresStore } from './postgres-store.ts'

const rows = 100_000
const podsOfTable = 20
const seconds = (10 * rows) / podsOfTable

/** Every pod is measured every ten seconds, some microseconds late; every hundredth row stands twice. */
const filling = `
  insert into container_metrics
  select timestamptz '2026-02-11 10:00:00+00' + tick * interval '10 seconds' + interval '123456 microseconds',
    'pod-' || pod, 'default', 0.5 + pod + (tick % 10) / 10.0, 'app', 100 * tick
  from generate_series(1, ${rows / podsOfTable}) tick, generate_series(1, ${podsOfTable}) pod;
  insert into container_metrics select * from container_metrics where joules_total::bigint % 10000 = 0;
  insert into container_metrics values ('2026-02-11 10:00:10+00', 'alone', null, 3, 'app', 1);`

/** The queries of the predecessor, word for word but for their parameters. */
const itsRange = `select time, energy_consumption, joules_total from container_metrics
  where pod_id = 'pod-7' and container_name = 'app' and namespace = 'default'
    and time between '2026-02-11 12:00:00+00' and '2026-02-11 18:00:00+00' order by time`
const itsLast = `select time, energy_consumption, joules_total from container_metrics
  where pod_id = 'pod-7' and container_name = 'app' and namespace = 'default' order by time desc limit 5`

const pod7 = { namespace: 'default', pod: 'pod-7', container: 'app' }

describe('the table of the predecessor', () => {
  let server: PostgresServer
  let store: PostgresStore
  let dsn = ''
  const query = (sql: string) => server.query(sql, 'test_1')
  const answers = new Map<string, unknown>()

  before(async () => {
    server = await startPostgresServer()
    dsn = await server.createDatabase()
    await query(predecessorTable)
    await query(filling)
    for (const sql of [itsRange, itsLast]) answers.set(sql, await query(sql))
    store = await openedStore(dsn)
    await store.ping()
  })
  after(async () => {
    await store[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  it('keeps all of its rows, those that stand twice as well', async () => {
    const [[count] = []] = await query('select count(*) from container_metrics')
    assert.equal(count, String(rows + rows / 100 + 1))
  })

  it('is answered from as before by the queries of the predecessor', async () => {
    for (const [sql, answer] of answers) assert.deepEqual(await query(sql), answer)
  })

  it('gets no second look-up index', async () => {
    const found = await query(
      `select indexname from pg_indexes where indexdef like '%(pod_id, container_name, namespace, "time" DESC)'`,
    )
    assert.deepEqual(found, [['idx_lookup']])
  })

  it('is read as intervals of the scrape interval, with the energy that the predecessor would have said', async () => {
    const [found] = await samplesIn(store, pod7, range(at(10), at(10.123)))
    assert.deepEqual(found, {
      node: '',
      containerId: 'predecessor',
      during: { from: at(0.123), to: at(10.123) },
      energy: 76,
      counter: 100,
      flags: ['predecessor'],
    })
  })

  it('counts a row that stands twice once', async () => {
    const ends = (await samplesIn(store, pod7)).map(({ during }) => during.to)
    assert.equal(ends.length, rows / podsOfTable)
    assert.equal(new Set(ends).size, ends.length)
    assert.equal((await samplesIn(store, pod7, last(101))).length, 101)
  })

  it('stands in the trail of all samples as well, each row once and with its names', async () => {
    const during = { from: at(0), to: at(100.123) }
    const found = []
    for await (const portion of store.trailWithin(during, never)) found.push(...portion)
    assert.equal(found.length, 10 * podsOfTable + 1)
    const ofPod = found.filter(({ workload }) => workload?.pod === 'pod-7')
    const samples = await samplesIn(store, pod7, range(during.from, during.to))
    assert.deepEqual(
      ofPod,
      samples.map((sample) => ({ ...sample, workload: pod7 })),
    )
  })

  it('is read with the energy of all containers, each row once', async () => {
    const question = (where: EnergyFilter): EnergyQuestion => ({
      during: { from: at(0), to: at(1e6) },
      where,
      grainSeconds: 3600,
    })
    const energyOf = async (where: EnergyFilter) => {
      const found = { rows: 0, joules: 0 }
      for await (const spans of store.energyWithin(question(where), never)) {
        found.rows += spans.length
        for (const joules of spans.joules) found.joules += joules
        assert.ok(spans.flagBits.every((bits) => bits === 128))
        assert.ok(spans.series.every(({ node }) => node === ''))
      }
      return found
    }
    const samples = await samplesIn(store, pod7)
    const expected = {
      rows: samples.length,
      joules: samples.reduce((sum, { energy }) => sum + energy, 0),
    }
    const found = await energyOf({ pods: ['pod-7'] })
    assert.equal(found.rows, expected.rows)
    assert.ok(Math.abs(found.joules - expected.joules) < 1e-6)
    assert.equal((await energyOf({})).rows, rows + 1)
    assert.equal((await energyOf({ nodes: [''], namespaces: [''] })).rows, 1)
    assert.equal((await energyOf({ exceptNodes: [''] })).rows, 0)
    assert.equal((await energyOf({ nodes: ['node-1'] })).rows, 0)
  })

  it('gives a sample that is asked for by the time that was shown, which has no microseconds', async () => {
    const [newest] = await samplesIn(store, pod7, last(1))
    assert.ok(newest)
    const { to } = newest.during
    assert.deepEqual(await samplesIn(store, pod7, range(to, to)), [newest])
    assert.deepEqual(await samplesIn(store, pod7, range(to + 1, to + 9999)), [])
  })

  it('is read by the empty namespace where its namespace is null', async () => {
    const alone = { namespace: '', pod: 'alone', container: 'app' }
    assert.deepEqual(await energiesIn(store, alone), [30])
    assert.deepEqual(await energiesIn(store, { ...alone, namespace: 'default' }), [])
  })

  it('lists its workloads by the time of their last row', async () => {
    assert.equal((await store.workloadsSince(at(0), never)).length, podsOfTable + 1)
    assert.equal((await store.workloadsSince(at(20), never)).length, podsOfTable)
    assert.deepEqual(await store.workloadsSince(at(seconds + 1), never), [])
  })

  it('takes rows of ours, which its queries find as well', async () => {
    const second = seconds + 10
    const ours = { workload: pod7, energy: joules(30), counter: joules(1234.5) }
    await store.write(batchOf(measured(second, ours), measured(second + 10, ours)))
    const found = await query(itsLast)
    assert.deepEqual(found.slice(0, 2), [
      [new Date(at(second + 10)), 3, 1234.5],
      [new Date(at(second)), 3, 1234.5],
    ])
    const energies = await energiesIn(store, pod7, everything)
    assert.deepEqual([energies.length, ...energies.slice(-2)], [rows / podsOfTable + 2, 30, 30])
  })

  it('takes new rows of the predecessor, in the same seconds as ours', async () => {
    await query(
      `insert into container_metrics values ('2026-02-13 10:00:00+00', 'pod-7', 'default', 1, 'app', 5),
        ('2026-02-13 10:00:00+00', 'pod-7', 'default', 1, 'app', 5)`,
    )
    assert.deepEqual(await energiesIn(store, pod7, last(1)), [10])
  })

  it('has rows of its own in the trail for pods that used the same until the same moment', async () => {
    await query(
      `insert into container_metrics values ('2026-02-14 10:00:00+00', 'idle-1', 'default', 0, 'app', 0),
        ('2026-02-14 10:00:00+00', 'idle-2', 'default', 0, 'app', 0)`,
    )
    const until = Date.parse('2026-02-14T10:00:00Z')
    const during = { from: instant(until - 10_000), to: instant(until) }
    const pods = []
    for await (const portion of store.trailWithin(during, never))
      pods.push(...portion.map(({ workload }) => workload?.pod))
    assert.deepEqual(pods, ['idle-1', 'idle-2'])
  })
})

describe('the way back that docs/upgrading.md shows', () => {
  it('leaves the table of the predecessor with all of its rows, and may be gone again and again', async () => {
    const page = readFileSync(new URL('../../../docs/upgrading.md', import.meta.url), 'utf8')
    const undo = /```sql\n(.*?)```/s.exec(page)?.[1] ?? ''
    assert.match(undo, /DROP TABLE/)
    await using server = await startPostgresServer()
    const dsn = await server.createDatabase()
    const query = (sql: string) => server.query(sql, new URL(dsn).pathname.slice(1))
    await query(predecessorTable)
    await query(
      "insert into container_metrics values ('2026-02-11 10:00:00+00', 'pod-7', 'default', 1, 'app', 5)",
    )
    const allThereIs = `
      select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable as found
        from information_schema.columns where table_schema = current_schema()
      union all select indexname from pg_indexes where schemaname = current_schema()
      union all select proname from pg_proc where pronamespace = current_schema()::regnamespace
      union all select sequencename from pg_sequences where schemaname = current_schema()
      order by found`
    const before = await query(allThereIs)

    for (const rowsOfOurs of [1, 2]) {
      const ours = measured(10 * rowsOfOurs, { workload: pod7, energy: joules(30), counter: joules(35) })
      {
        await using store = await openedStore(dsn)
        await store.write(batchOf(ours))
      }
      await query(undo)
      assert.deepEqual(await query(allThereIs), before)
      assert.equal((await query(itsLast)).length, 1 + rowsOfOurs)
    }
  })
})
