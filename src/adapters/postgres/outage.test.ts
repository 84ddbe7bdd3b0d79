import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { inspect } from 'node:util'
import pg from 'pg'
import { binsIn, everyEnergy } from '../../../test/contracts/energy-bins.ts'
import {
  at,
  batch,
  batchOf,
  busybox,
  energiesIn,
  everything,
  last,
  measured,
  never,
  page,
  stateAt,
} from '../../../test/contracts/measured.ts'
import { emptyEveryTable, openedStore } from '../../../test/postgres/opened-store.ts'
import { type PostgresServer, startPostgresServer } from '../../../test/postgres/server.ts'
import { StoreError } from '../../energy/measurement-store.ts'
import { instant } from '../../units.ts'
import type { PostgresStore } from './postgres-store.ts'

/** Everything that a store can be asked for. */
const everyMethod = (store: PostgresStore): readonly (() => Promise<unknown>)[] => [
  () => store.ping(),
  () => store.write(batchOf(measured(10))),
  () => energiesIn(store, busybox, last(1)),
  () => energiesIn(store, busybox, everything),
  () => store.workloadsSince(at(0), never),
  () => store.nodeStates(),
  () => store.gapsWithin({ from: at(0), to: at(1) }, never),
  () => store.addFacts([]),
  () => store.allFacts(),
  () => store.forgetOld(),
  () => store.makeSums(never),
  () => binsIn(store, everyEnergy),
]

async function failureOf(action: () => Promise<unknown>): Promise<StoreError> {
  const failure: unknown = await action().then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  )
  assert.ok(failure instanceof StoreError, inspect(failure))
  return failure
}

describe('a database', () => {
  let server: PostgresServer
  let dsn = ''
  before(async () => {
    server = await startPostgresServer()
    dsn = await server.createDatabase()
    await using store = await openedStore(dsn)
    await store.ping()
  })
  beforeEach(() => server.query(emptyEveryTable, 'test_1'))
  after(() => server[Symbol.asyncDispose]())

  it('that is away when the store is opened is found when it comes', async () => {
    await server.stop('fast')
    await using store = await openedStore(dsn)
    for (const ask of everyMethod(store)) {
      const { message } = await failureOf(ask)
      assert.equal(
        message,
        `PostgreSQL at 127.0.0.1:${server.port}, database "test_1": it refuses connections`,
      )
    }
    await server.start()
    for (const ask of everyMethod(store)) await ask()
  })

  for (const how of ['fast', 'kill'] as const) {
    it(`that goes away (${how}) and comes back is found again, with all that was acknowledged`, async () => {
      await using store = await openedStore(dsn)
      await store.write(batch([page([measured(10)])], [stateAt(10)]))
      await server.stop(how)
      for (const ask of everyMethod(store)) await failureOf(ask)
      await server.start()
      const again = await store.write(batchOf(measured(10), measured(20)))
      assert.deepEqual([again.written, again.repeated], [1, 1])
      assert.deepEqual(await energiesIn(store, busybox), [10, 20])
      assert.deepEqual(await store.nodeStates(), [stateAt(10)])
    })
  }

  it('that ends connections in the midst of batches keeps each row once', async () => {
    await using store = await openedStore(dsn)
    const rows = 5000
    let failures = 0
    const batches = Array.from({ length: 12 }, (_, index) =>
      batchOf(...Array.from({ length: rows }, (_unused, row) => measured(10 * (index * rows + row + 1)))),
    )
    const enough = new AbortController()
    const ending = (async () => {
      while (!enough.signal.aborted) {
        await server.endConnections().catch(() => 0)
        await setImmediate()
      }
    })()
    for (const next of batches) {
      for (let isKept = false; !isKept; ) {
        try {
          await store.write(next)
          isKept = true
        } catch (error) {
          assert.ok(error instanceof StoreError, inspect(error))
          failures += 1
          if (failures > 20) enough.abort()
        }
      }
    }
    enough.abort()
    await ending
    assert.ok(failures > 0)
    const [counts = []] = await server.query(
      'select count(*)::int, count(distinct (container_ref, time))::int from container_metrics',
      'test_1',
    )
    assert.deepEqual(counts, [rows * batches.length, rows * batches.length])
  })

  it('that ends connections in the midst of an answer about all containers fails it', async () => {
    await using store = await openedStore(dsn)
    const rows = Array.from({ length: 50_000 }, (_, index) => measured(10 * (index + 1)))
    await store.write(batchOf(...rows))
    const failure = await failureOf(async () => {
      for await (const spans of store.energyWithin(everyEnergy, never)) {
        assert.ok(spans.length > 0)
        await server.endConnections()
      }
    })
    assert.match(
      failure.message,
      /: (it closed the connection|Client has encountered a connection error and is not queryable|terminating connection due to administrator command .*)$/,
    )
    assert.equal((await binsIn(store, everyEnergy)).size, 1)
  })

  it('whose connections all die while nobody asks is asked again as if nothing had been', async () => {
    await using store = await openedStore(dsn)
    await store.ping()
    await energiesIn(store, busybox)
    await server.endConnections()
    // The news of it may or may not have come before the next question.
    await store.ping().catch(() => store.ping())
    await energiesIn(store, busybox).catch(() => energiesIn(store, busybox))
  })
})

describe('a query', () => {
  let server: PostgresServer
  let dsn = ''
  const query = (sql: string) => server.query(sql, 'test_1')
  before(async () => {
    server = await startPostgresServer()
    dsn = await server.createDatabase()
    await using store = await openedStore(dsn)
    await store.ping()
  })
  after(() => server[Symbol.asyncDispose]())

  /** Whoever reads the table waits for the lock of another, for as long as that is held. */
  async function withLockedTable(task: () => Promise<void>): Promise<void> {
    const other = new pg.Client(dsn)
    await other.connect()
    await other.query('begin')
    await other.query('lock table container_metrics')
    try {
      await task()
    } finally {
      await other.end()
    }
  }

  const waiting = () =>
    query(`select pid from pg_stat_activity where wait_event_type = 'Lock' and query ~ '^(select|copy)'`)

  it('that takes too long is cancelled, and says so', async () => {
    await using store = await openedStore(dsn, { queryTimeoutSeconds: 1 })
    await withLockedTable(async () => {
      const { message } = await failureOf(() => energiesIn(store, busybox, last(1)))
      assert.match(message, /: the query took longer than 1 s and was cancelled$/)
      assert.deepEqual(await waiting(), [])
    })
    assert.deepEqual(await energiesIn(store, busybox, last(1)), [])
  })

  for (const [what, selection] of [
    ['short', last(1)],
    ['long', everything],
  ] as const) {
    it(`of a ${what} answer is cancelled on the server when its caller goes away`, async () => {
      await using store = await openedStore(dsn)
      await withLockedTable(async () => {
        const leave = new AbortController()
        const reason = new Error('the caller has gone')
        const samples = store.samplesOf(busybox, selection, leave.signal)[Symbol.asyncIterator]()
        const answer = assert.rejects(samples.next(), reason)
        while ((await waiting()).length === 0) await setImmediate()
        leave.abort(reason)
        await answer
        while ((await waiting()).length > 0) await setImmediate()
      })
      assert.deepEqual(await energiesIn(store, busybox, selection), [])
    })
  }

  it('about all containers is cancelled on the server when its caller goes away', async () => {
    await using store = await openedStore(dsn)
    await store.write(batchOf(measured(10)))
    await withLockedTable(async () => {
      const leave = new AbortController()
      const reason = new Error('the caller has gone')
      const spans = store.energyWithin(everyEnergy, leave.signal)[Symbol.asyncIterator]()
      const answer = assert.rejects(spans.next(), reason)
      while ((await waiting()).length === 0) await setImmediate()
      leave.abort(reason)
      await answer
      while ((await waiting()).length > 0) await setImmediate()
    })
    assert.equal((await binsIn(store, everyEnergy)).size, 1)
    await query(emptyEveryTable)
  })

  it('of many callers who go away leaves connections for the next', async () => {
    await using store = await openedStore(dsn)
    await withLockedTable(async () => {
      const leave = new AbortController()
      const answers = Array.from({ length: 20 }, () =>
        assert.rejects(store.workloadsSince(instant(0), leave.signal), /AbortError/),
      )
      while ((await waiting()).length < 6) await setImmediate()
      leave.abort()
      await Promise.all(answers)
      while ((await waiting()).length > 0) await setImmediate()
    })
    assert.deepEqual(await store.workloadsSince(instant(0), never), [])
  })
})

describe('a store that is closed in the midst of an answer', () => {
  it('ends at once', async () => {
    await using server = await startPostgresServer()
    const store = await openedStore(await server.createDatabase())
    await store.write(batchOf(...Array.from({ length: 5000 }, (_, index) => measured(10 * (index + 1)))))
    const samples = store.samplesOf(busybox, everything, never)[Symbol.asyncIterator]()
    await samples.next()
    const spans = store.energyWithin(everyEnergy, never)[Symbol.asyncIterator]()
    await spans.next()
    await store[Symbol.asyncDispose]()
  })
})

describe('a failure', () => {
  let silent: Server
  before(async () => {
    silent = createServer((socket) => socket.on('error', () => {}))
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
  })
  after(() => silent.close())

  it('never holds the password', async () => {
    await using server = await startPostgresServer()
    const secret = 'correct-horse-battery-staple'
    const places = [
      `postgresql://postgres:${secret}@127.0.0.1:${server.port}/postgres`,
      `postgresql://postgres:${secret}@127.0.0.1:1/postgres`,
      `postgresql://postgres:${secret}@no-such-host.invalid/postgres`,
      `host=127.0.0.1 port=${server.port} user=nobody-${secret} password=${secret} dbname=postgres`,
    ]
    for (const place of places) {
      await using store = await openedStore(place)
      const failure = await failureOf(() => store.ping())
      assert.doesNotMatch(inspect(failure, { depth: 9, showHidden: true }), /horse/, place)
      assert.match(
        failure.message,
        /^PostgreSQL at (127\.0\.0\.1|no-such-host\.invalid):\d+, database "postgres": ./,
      )
    }
    for (const nonsense of [`postgres//u:${secret}@h/d`, `mysql://u:${secret}@h/d`, secret]) {
      const failure = await failureOf(() => openedStore(nonsense))
      assert.doesNotMatch(inspect(failure, { depth: 9, showHidden: true }), /horse/)
    }
  })

  it('comes in a few seconds when there is silence at the other end', async (t) => {
    const address = silent.address()
    assert.ok(address !== null && typeof address === 'object')
    await using store = await openedStore(`postgresql://u:p@127.0.0.1:${address.port}/d`)
    t.diagnostic('waits for the time-out of connecting, five seconds')
    assert.match((await failureOf(() => store.ping())).message, /: it does not answer$/)
  })
})
