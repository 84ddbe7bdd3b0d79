import { after, before, describe, type TestContext } from 'node:test'
import { keepsSumsOfEnergy } from '../../../test/contracts/energy-sums.ts'
import { behavesLikeAFactStore } from '../../../test/contracts/fact-store.ts'
import { at, never } from '../../../test/contracts/measured.ts'
import { behavesLikeAMeasurementStore } from '../../../test/contracts/measurement-store.ts'
import { behavesLikeATrailReader } from '../../../test/contracts/trail-reader.ts'
import {
  createGivenSchema,
  type GivenSchema,
  givenDsn,
  whyNoGivenServer,
} from '../../../test/postgres/given-server.ts'
import { emptyEveryTable, openedStore } from '../../../test/postgres/opened-store.ts'
import { type PostgresServer, startPostgresServer } from '../../../test/postgres/server.ts'
import type { PostgresStore, PostgresStoreOptions } from './postgres-store.ts'

type Tables = { readonly dsn: string; readonly query: (sql: string) => Promise<unknown> }

/** The suites on one set of tables, emptied before each test. */
function behavesLikeAStore(name: string, tables: () => Tables): void {
  async function open(t: TestContext, differing: Partial<PostgresStoreOptions> = {}) {
    const store = await openedStore(tables().dsn, differing)
    t.after(() => store[Symbol.asyncDispose]())
    return store
  }
  async function create(t: TestContext) {
    await tables().query(emptyEveryTable)
    return { store: await open(t), reopen: () => open(t) }
  }
  /** Sums up everything as soon as it is written: whatever comes then comes late. */
  async function createSummedStore(t: TestContext) {
    await tables().query(emptyEveryTable)
    const store = await open(t, { now: () => at(200_000) })
    const write: PostgresStore['write'] = async (batch) => {
      const outcome = await store.write(batch)
      await store.makeSums(never)
      return outcome
    }
    return { store: { ...store, write } }
  }
  before(async () => {
    await using store = await openedStore(tables().dsn)
    await store.ping()
  })
  behavesLikeAMeasurementStore(name, create)
  behavesLikeAMeasurementStore(`${name}, summed up after every batch,`, createSummedStore)
  keepsSumsOfEnergy(name, async (t) => {
    await tables().query(emptyEveryTable)
    const time = { second: 0 }
    const store = await open(t, { now: () => at(time.second) })
    const makeSums = async (nowSecond: number) => {
      time.second = nowSecond
      await store.makeSums(never)
    }
    return { store, makeSums }
  })
  behavesLikeAFactStore(name, create)
  behavesLikeATrailReader(name, create)
}

describe('PostgreSQL 18', () => {
  let server: PostgresServer
  let tables: Tables
  before(async () => {
    server = await startPostgresServer()
    const dsn = await server.createDatabase()
    tables = { dsn, query: (sql) => server.query(sql, 'test_1') }
  })
  after(() => server[Symbol.asyncDispose]())
  behavesLikeAStore('PostgreSQL', () => tables)
})

describe('the server of TEST_TSDB_DSN', { skip: whyNoGivenServer }, () => {
  let schema: GivenSchema
  before(async () => {
    schema = await createGivenSchema(givenDsn ?? '')
  })
  after(() => schema[Symbol.asyncDispose]())
  behavesLikeAStore('it', () => schema)
})
