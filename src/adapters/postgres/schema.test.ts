import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import { binsIn } from '../../../test/contracts/energy-bins.ts'
import { at, batchOf, busybox, energiesIn, measured, never } from '../../../test/contracts/measured.ts'
import { openedStore } from '../../../test/postgres/opened-store.ts'
import { predecessorTable } from '../../../test/postgres/predecessor.ts'
import { type PostgresServer, startPostgresServer } from '../../../test/postgres/server.ts'
import type { EnergyQuestion } from '../../energy/energy-spans.ts'
import { StoreRefusedError } from '../../energy/measurement-store.ts'
import { joules } from '../../units.ts'
import { migrate, readMigrations } from './migrations.ts'
import { sessionOn } from './session.ts'

let server: PostgresServer
before(async () => {
  server = await startPostgresServer()
})
after(() => server[Symbol.asyncDispose]())

async function newDatabase() {
  const dsn = await server.createDatabase()
  const database = new URL(dsn).pathname.slice(1)
  return { dsn, query: (sql: string) => server.query(sql, database) }
}

const steps = await readMigrations(new URL('migrations/', import.meta.url))

describe('many that start at once', () => {
  for (const [what, sql] of [
    ['an empty database', 'select 1'],
    ['the table of the predecessor', predecessorTable],
  ] as const) {
    it(`make one schema of ${what}`, async () => {
      const { dsn, query } = await newDatabase()
      await query(sql)
      const notices: string[] = []
      const stores = await Promise.all(
        Array.from({ length: 8 }, () => openedStore(dsn, { onNotice: (text) => notices.push(text) })),
      )
      await Promise.all(stores.map((store) => store.ping()))
      await Promise.all(stores.map((store, index) => store.write(batchOf(measured(10 * (index + 1))))))
      for (const store of stores) assert.equal((await energiesIn(store, busybox)).length, 8)
      await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()))
      assert.deepEqual(
        await query('select number, name from co2_api_migrations order by number'),
        steps.map(({ number, name }) => [number, name]),
      )
      assert.equal(notices.length, 8)
      assert.equal(notices[0], 'TimescaleDB is not used: the server does not have it')
    })
  }
})

describe('a database', () => {
  it('of a newer version is refused, and not touched', async () => {
    const { dsn, query } = await newDatabase()
    await using store = await openedStore(dsn)
    await store.ping()
    const [known, next] = [steps.length, steps.length + 1]
    await query(`insert into co2_api_migrations values (${next}, 'the-future.sql', 'x')`)
    await using older = await openedStore(dsn)
    const refusal = new RegExp(
      `^PostgreSQL at 127\\.0\\.0\\.1:${server.port}, database "test_\\d+": the database has the schema ${next} \\(the-future\\.sql\\) of a newer version; this version knows schemas up to ${known}$`,
    )
    for (const attempt of [() => older.ping(), () => older.write(batchOf(measured(10)))]) {
      await assert.rejects(attempt, (error) => {
        assert.ok(error instanceof StoreRefusedError)
        assert.match(error.message, refusal)
        return true
      })
    }
  })

  it('that was migrated by other files is refused', async () => {
    const { dsn, query } = await newDatabase()
    await using store = await openedStore(dsn)
    await store.ping()
    await query(`update co2_api_migrations set checksum = 'x' where number = 2`)
    await using other = await openedStore(dsn)
    await assert.rejects(other.ping(), /migrated by another 0002-container-refs\.sql than this version's/)
  })

  it('that is up to date needs no right to make anything', async () => {
    const { dsn, query } = await newDatabase()
    await using owner = await openedStore(dsn)
    await owner.ping()
    await query(`create role clerk login password 'clerk'`)
    await query('grant select, insert, update, delete on all tables in schema public to clerk')
    await query('grant usage on all sequences in schema public to clerk')
    await using store = await openedStore(dsn.replace(/\/\/.*@/, '//clerk:clerk@'))
    assert.equal((await store.write(batchOf(measured(10)))).written, 1)
  })

  it('has its own tables, whatever other schemas hold', async () => {
    const { dsn, query } = await newDatabase()
    await using first = await openedStore(dsn)
    await first.write(batchOf(measured(10)))
    await query('create schema second')
    await using second = await openedStore(`${dsn}?options=-csearch_path%3Dsecond,public`)
    assert.deepEqual(await energiesIn(second, busybox), [])
    assert.equal((await second.write(batchOf(measured(10)))).written, 1)
  })

  it('whose tables were dropped is made anew', async () => {
    const { dsn, query } = await newDatabase()
    await using store = await openedStore(dsn)
    await store.write(batchOf(measured(10)))
    await query('drop schema public cascade')
    await query('create schema public')
    await assert.rejects(store.write(batchOf(measured(20))), /does not exist \(42P01\)$/)
    assert.equal((await store.write(batchOf(measured(20)))).written, 1)
  })
})

describe('migrations', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'co2-api-migrations-'))
  })
  after(() => rm(folder, { recursive: true }))

  async function written(files: Readonly<Record<string, string>>): Promise<URL> {
    const directory = await mkdtemp(join(folder, 'some-'))
    for (const [name, sql] of Object.entries(files)) await writeFile(join(directory, name), sql)
    return pathToFileURL(`${directory}/`)
  }

  async function migrated(files: Readonly<Record<string, string>>) {
    const { dsn, query } = await newDatabase()
    const client = new pg.Client(dsn)
    await client.connect()
    try {
      await migrate(sessionOn(client), await readMigrations(await written(files)))
    } finally {
      await client.end()
    }
    return query
  }

  it('run in the order of their numbers, each once', async () => {
    const query = await migrated({
      '0002-fill.sql': 'insert into t values (1);',
      '0001-make.sql': 'create table t (a int);',
    })
    assert.deepEqual(await query('select * from t'), [[1]])
    assert.deepEqual(await query('select number, name from co2_api_migrations order by number'), [
      [1, '0001-make.sql'],
      [2, '0002-fill.sql'],
    ])
  })

  it('happen wholly or not at all', async () => {
    await assert.rejects(
      migrated({ '0001-half.sql': 'create table t (a int); select 1 / 0;' }),
      /division by zero/,
    )
    assert.deepEqual(
      await server.query('select tablename from pg_tables where schemaname = current_schema()', 'test_9'),
      [['co2_api_migrations']],
    )
  })

  it('may say that they cannot run in a transaction', async () => {
    const query = await migrated({
      '0001-make.sql': 'create table t (a int);',
      '0002-index.sql': '-- outside a transaction\ncreate index concurrently i on t (a);',
    })
    assert.equal((await query(`select from pg_indexes where indexname = 'i'`)).length, 1)
  })

  it('have numbers without a gap', async () => {
    await assert.rejects(
      readMigrations(await written({ '0001-one.sql': '', '0003-three.sql': '' })),
      /0003-three\.sql should have the number 2/,
    )
  })
})

describe('sums of energy', () => {
  const hours: EnergyQuestion = {
    during: { from: at(0), to: at(10 * 3600) },
    where: {},
    grainSeconds: 3600,
  }

  it('are made of what an older schema held', async () => {
    const { dsn, query } = await newDatabase()
    const all = await readMigrations(new URL('migrations/', import.meta.url))
    const client = new pg.Client(dsn)
    await client.connect()
    await migrate(sessionOn(client), all.slice(0, 4))
    await client.end()
    await query(
      `insert into container_refs values (1, 'node-1', 'c1', 'a', 'b', 'c', null, to_timestamp(${at(9000) / 1000}))`,
    )
    await query(`insert into container_metrics
      select to_timestamp(${at(0) / 1000} + until), 'b', 'a', 1, 'c', 1, to_timestamp(${at(0) / 1000} + since), until - since, 1, 0
      from (values (0, 10), (10, 20), (20, 5000), (5000, 5010)) m (since, until)`)
    await using store = await openedStore(dsn, { now: () => at(20_000) })
    const expected = [5010]
    const joules = async () => {
      const bins = await binsIn(store, { ...hours, grainSeconds: 36_000 })
      return [...bins.values()].map((bin) => Math.round(bin.joules))
    }
    assert.deepEqual(await joules(), expected)
    assert.equal(await store.makeSums(never), 2)
    assert.deepEqual(await joules(), expected)
  })

  it('wait for who writes without knowing of them, and who writes then waits for them to be announced', async () => {
    const { dsn, query } = await newDatabase()
    const waiting = async (what: string) => {
      const waits = `select from pg_stat_activity where wait_event_type = 'Lock' and query like '${what}%'`
      while ((await query(waits)).length === 0) await nextTurn()
    }
    await using store = await openedStore(dsn, { now: () => at(5000) })
    await store.write(batchOf(measured(10)))
    const other = new pg.Client(dsn)
    await other.connect()
    await other.query('begin; lock table energy_sums_made in row share mode')
    await other.query(`insert into container_metrics (time, pod_id, energy_consumption, container_name, joules_total,
        started_at, joules, container_ref, flags)
      select time + interval '10 seconds', pod_id, 1, container_name, 1, time, 7, container_ref, 0
      from container_metrics`)
    const making = store.makeSums(never)
    await waiting('lock table energy_sums_made in exclusive mode')
    const writing = store.write(batchOf(measured(30)))
    await waiting('lock table energy_sums_made in row share mode')
    await other.query('commit')
    await other.end()
    await Promise.all([making, writing])
    const total = async () => {
      const bins = await binsIn(store, { ...hours, grainSeconds: 36_000 })
      return [...bins.values()].map((bin) => bin.joules)
    }
    assert.deepEqual(await total(), [47])
    await store.makeSums(never)
    assert.deepEqual(await total(), [47])
  })

  it('are made once by many that start at once, while others write', async () => {
    const { dsn, query } = await newDatabase()
    const stores = await Promise.all(
      Array.from({ length: 4 }, () => openedStore(dsn, { now: () => at(40_000) })),
    )
    await using releasing = new AsyncDisposableStack()
    for (const store of stores) releasing.use(store)
    const [first] = stores
    assert.ok(first)
    await first.write(batchOf(measured(10), measured(30_000)))
    let written = 2
    const writing = stores.map(async (store, index) => {
      for (let turn = 0; turn < 40; turn += 1) {
        const second = 20 + ((turn * 7919 + index) % 2900) * 10
        const containerId = `c${turn % 7}`
        const outcome = await store.write(batchOf(measured(second, { containerId, energy: joules(1) })))
        written += outcome.written
        await store.makeSums(never)
      }
    })
    await Promise.all(writing)
    while ((await first.makeSums(never)) > 0);
    assert.deepEqual(await query('select from energy_sums_to_make'), [])
    const bins = await binsIn(first, { ...hours, grainSeconds: 36_000 })
    const total = [...bins.values()].reduce((sum, bin) => sum + bin.joules, 0)
    assert.ok(Math.abs(total - (30_010 + written - 2)) < 1e-6, `${total} J`)
    const [[levels] = []] = await query(
      `select array_agg(distinct round(j)) from (select sum(joules) j from energy_sums group by level_seconds) s`,
    )
    assert.deepEqual(levels, [30_010 + written - 2])
  })
})
