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
import { everyTable, openedStore } from '../../../test/postgres/opened-store.ts'
import { type PostgresServer, startPostgresServer } from '../../../test/postgres/server.ts'
import type { PostgresStore } from './postgres-store.ts'

type Tables = { readonly dsn: string; readonly query: (sql: string) => Promise<unknown> }

/** The suites on one set of tables, emptied before each test. */
function behavesLikeAStore(name: string, tables: () => Tables): void {
  async function create(t: TestContext) {
    const { dsn, query } = tables()
    const reopen = async () => {
      const store = await openedStore(dsn)
      t.after(() => store[Symbol.asyncDispose]())
      return store
    }
    const store = await reopen()
    await store.ping()
    await query(`truncate ${everyTable}`)
    return { store, reopen }
  }
  /** Sums up everything as soon as it is written: whatever comes then comes late. */
  async function createSummedStore(t: TestContext) {
    const { dsn } = tables()
    await create(t)
    const store = await openedStore(dsn, { now: () => at(200_000) })
    t.after(() => store[Symbol.asyncDispose]())
    const write: PostgresStore['write'] = async (batch) => {
      const outcome = await store.write(batch)
      await store.makeSums(never)
      return outcome
    }
    return { store: { ...store, write } }
  }
  behavesLikeAMeasurementStore(name, create)
  behavesLikeAMeasurementStore(`${name}, summed up after every batch,`, createSummedStore)
  keepsSumsOfEnergy(name, async (t) => {
    const { dsn } = tables()
    await create(t)
    const time = { second: 0 }
    const store = await openedStore(dsn, { now: () => at(time.second) })
    t.after(() => store[Symbol.asyncDispose]())
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
