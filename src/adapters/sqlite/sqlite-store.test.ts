import type { TestContext } from 'node:test'
import { keepsSumsOfEnergy } from '../../../test/contracts/energy-sums.ts'
import { behavesLikeAFactStore } from '../../../test/contracts/fact-store.ts'
import { at, never } from '../../../test/contracts/measured.ts'
import { behavesLikeAMeasurementStore } from '../../../test/contracts/measurement-store.ts'
import { temporaryDirectory } from '../../../test/contracts/temporary-directory.ts'
import { behavesLikeATrailReader } from '../../../test/contracts/trail-reader.ts'
import { openSqliteStore, type SqliteStore } from './sqlite-store.ts'

async function createSqliteStore(t: TestContext) {
  const path = `${await temporaryDirectory(t)}/store.db`
  const open = () => openSqliteStore({ path, retentionDays: 100 * 366, now: () => at(200_000) })
  let store = await open()
  t.after(() => store[Symbol.asyncDispose]())
  const reopen = async (): Promise<SqliteStore> => {
    await store[Symbol.asyncDispose]()
    store = await open()
    return store
  }
  return { store, reopen }
}

/** Puts everything in the order of containers as soon as it is written. */
async function createTidiedStore(t: TestContext) {
  const { store } = await createSqliteStore(t)
  const write: SqliteStore['write'] = async (batch) => {
    const outcome = await store.write(batch)
    await store.tidy(never)
    return outcome
  }
  return { store: { ...store, write } }
}

/** Sums up everything as soon as it is written: whatever comes then comes late. */
async function createSummedStore(t: TestContext) {
  const { store } = await createSqliteStore(t)
  const write: SqliteStore['write'] = async (batch) => {
    const outcome = await store.write(batch)
    await store.makeSums(never)
    return outcome
  }
  return { store: { ...store, write } }
}

behavesLikeAMeasurementStore('SQLite', createSqliteStore)
behavesLikeAMeasurementStore('SQLite, tidied after every batch,', createTidiedStore)
behavesLikeAMeasurementStore('SQLite, summed up after every batch,', createSummedStore)
behavesLikeAFactStore('SQLite', createSqliteStore)
behavesLikeATrailReader('SQLite', createSqliteStore)
behavesLikeATrailReader('SQLite, tidied after every batch,', createTidiedStore)

for (const isTidied of [false, true]) {
  keepsSumsOfEnergy(isTidied ? 'SQLite, tidied,' : 'SQLite', async (t) => {
    const time = { second: 0 }
    const path = `${await temporaryDirectory(t)}/store.db`
    const store = await openSqliteStore({ path, retentionDays: undefined, now: () => at(time.second) })
    t.after(() => store[Symbol.asyncDispose]())
    const makeSums = async (nowSecond: number) => {
      time.second = nowSecond
      if (isTidied) await store.tidy(never)
      await store.makeSums(never)
    }
    return { store, makeSums }
  })
}
