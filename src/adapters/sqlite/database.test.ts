import assert from 'node:assert/strict'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { describe, it, type TestContext } from 'node:test'
import { binsIn } from '../../../test/contracts/energy-bins.ts'
import {
  at,
  batch,
  batchOf,
  busybox,
  energiesIn,
  measured,
  never,
  page,
} from '../../../test/contracts/measured.ts'
import { temporaryDirectory } from '../../../test/contracts/temporary-directory.ts'
import type { EnergyQuestion } from '../../energy/energy-spans.ts'
import { StoreError } from '../../energy/measurement-store.ts'
import { applicationId, migrations } from './schema.ts'
import { openSqliteStore } from './sqlite-store.ts'

const open = (path: string, mostBytes?: number) =>
  openSqliteStore({ path, retentionDays: undefined, now: () => at(100), mostBytes })

/** Lets another program do something with the file. */
function changed(path: string, sql: string): void {
  const database = new DatabaseSync(path)
  database.exec(sql)
  database.close()
}

async function closedStore(t: TestContext): Promise<string> {
  const path = `${await temporaryDirectory(t)}/store.db`
  const store = await open(path)
  await store.write(batchOf(measured(10)))
  await store[Symbol.asyncDispose]()
  return path
}

/** Whoever runs the tests as root may write everywhere, so this is tried as nobody. */
async function asOrdinaryUser<Result>(work: () => Promise<Result>): Promise<Result> {
  if (process.geteuid?.() !== 0) return await work()
  process.seteuid?.(65_534)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}

async function refusal(attempt: Promise<unknown>): Promise<StoreError> {
  try {
    await attempt
  } catch (error) {
    assert.ok(error instanceof StoreError, String(error))
    return error
  }
  return assert.fail('it was not refused')
}

describe('the database file', () => {
  it('is made, with the directories to it', async (t) => {
    const path = `${await temporaryDirectory(t)}/a/b/store.db`
    await using store = await open(path)
    assert.equal((await store.write(batchOf(measured(10)))).written, 1)
    assert.match(String(await readFile(path)).slice(0, 15), /^SQLite format 3/)
  })

  it('says in its header whose it is', async (t) => {
    const header = await readFile(await closedStore(t))
    assert.equal(header.subarray(68, 72).toString('latin1'), 'CO2e')
  })

  it('is one file when it is closed', async (t) => {
    const path = await closedStore(t)
    await assert.rejects(readFile(`${path}-wal`), { code: 'ENOENT' })
  })

  it('of a newer schema is refused, and left as it is', async (t) => {
    const path = await closedStore(t)
    changed(path, 'PRAGMA user_version = 7')
    const before = await readFile(path)
    const { message } = await refusal(open(path))
    assert.equal(
      message,
      `The database ${path} has schema version 7, and this program knows versions up to 2: run the newer program, or give it another directory`,
    )
    assert.deepEqual(await readFile(path), before)
  })

  it('of an older schema is brought up to date, with what it holds', async (t) => {
    const path = `${await temporaryDirectory(t)}/store.db`
    changed(
      path,
      `${migrations[0]}
       PRAGMA application_id = ${applicationId};
       PRAGMA user_version = 1;
       INSERT INTO node VALUES (1, 'node-1', ${at(20)});
       INSERT INTO container VALUES (1, 1, 'c1', 'default', 'busybox-worker', 'busybox', ${at(10)});
       INSERT INTO settled_sample VALUES (1, ${at(10)}, 10000, 10, 1010, 0), (1, ${at(20)}, 10000, 20, 1020, 0);
       INSERT INTO recent_sample VALUES (1, ${at(5000)}, 1, 4980000, 30, 1050, 8), (1, ${at(5010)}, 1, 10000, 40, 1090, 0)`,
    )
    await using store = await open(path)
    assert.deepEqual(await energiesIn(store, busybox), [10, 20, 30, 40])
    const question = (from: number, to: number, grainSeconds?: number): EnergyQuestion => ({
      during: { from: at(from), to: at(to) },
      where: {},
      grainSeconds,
    })
    const joulesIn = async (asked: EnergyQuestion) =>
      [...(await binsIn(store, asked)).values()].map(({ joules }) => joules)
    assert.deepEqual(await joulesIn(question(0, 6000)), [100])
    assert.deepEqual(await joulesIn(question(1000, 1498)), [3])
    await store.makeSums(never)
    assert.deepEqual(await joulesIn(question(0, 7200, 7200)), [100])
  })

  it('of another program is refused, whether or not that gave its name', async (t) => {
    const directory = await temporaryDirectory(t)
    changed(`${directory}/named.db`, 'PRAGMA application_id = 0x1234; CREATE TABLE x (y)')
    changed(`${directory}/unnamed.db`, 'CREATE TABLE x (y)')
    assert.equal(
      (await refusal(open(`${directory}/named.db`))).message,
      `The database ${directory}/named.db belongs to another program: its application id is 0x1234`,
    )
    assert.equal(
      (await refusal(open(`${directory}/unnamed.db`))).message,
      `The database ${directory}/unnamed.db belongs to another program: it has tables, and no application id`,
    )
  })

  it('that is no database is refused', async (t) => {
    const path = `${await temporaryDirectory(t)}/notes.txt`
    await writeFile(path, 'This is no database, but it is longer than the header of one. '.repeat(20))
    const { message, cause } = await refusal(open(path))
    assert.equal(message, `The database ${path} is not a SQLite database (file is not a database)`)
    assert.ok(cause instanceof Error)
  })

  it('that is damaged is refused', async (t) => {
    const path = await closedStore(t)
    const bytes = await readFile(path)
    await writeFile(path, bytes.fill(0x5a, 100, 4096))
    assert.match((await refusal(open(path))).message, /^The database .*store\.db is damaged \(/)
  })

  it('below something that is no directory cannot be made', async (t) => {
    const path = `${await closedStore(t)}/below/store.db`
    const { message } = await refusal(open(path))
    assert.ok(
      message.startsWith(`The database ${path} cannot be made: a part of its path is no directory`),
      message,
    )
  })

  it('that is a directory cannot be opened', async (t) => {
    const path = await temporaryDirectory(t)
    assert.match((await refusal(open(path))).message, /cannot be opened: it is no file/)
  })

  it('in a read-only directory cannot be made', async (t) => {
    const directory = await temporaryDirectory(t)
    await chmod(directory, 0o555)
    await asOrdinaryUser(async () => {
      const file = await refusal(open(`${directory}/store.db`))
      assert.ok(file.message.startsWith(`The database ${directory}/store.db cannot be opened`), file.message)
      assert.match(file.message, /may not be written by this user/)
      const below = await refusal(open(`${directory}/below/store.db`))
      assert.match(below.message, /cannot be written: the file or its directory is read-only/)
    })
  })

  it('that is read-only is refused at once, not at the first write', async (t) => {
    const path = await closedStore(t)
    await chmod(path, 0o444)
    await chmod(path.replace('/store.db', ''), 0o777)
    await asOrdinaryUser(async () => {
      assert.match(
        (await refusal(open(path))).message,
        /cannot be written: the file or its directory is read-only/,
      )
    })
  })

  it('that another process has locked is reported, and written when it is free', async (t) => {
    const path = `${await temporaryDirectory(t)}/store.db`
    await using store = await open(path)
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    assert.match((await refusal(store.write(batchOf(measured(10))))).message, /is locked by another process/)
    other.close()
    assert.equal((await store.write(batchOf(measured(10)))).written, 1)
  })

  it('can be read by other programs meanwhile', async (t) => {
    const path = `${await temporaryDirectory(t)}/store.db`
    await using store = await open(path)
    await store.write(batchOf(measured(10), measured(20)))
    const other = new DatabaseSync(path, { readOnly: true })
    const total = other.prepare('SELECT sum(energy_joules) AS joules FROM sample').get()
    assert.equal(total?.['joules'], 30)
    assert.equal((await store.write(batchOf(measured(30)))).written, 1)
    other.close()
  })

  it('that holds what we did not write is reported, not guessed at', async (t) => {
    const path = await closedStore(t)
    changed(
      path,
      `INSERT INTO node_state SELECT id, 0, '{"node":1}' FROM node;
       INSERT INTO carbon_intensity VALUES (1, 'DE', 's', 0, 'rumour', NULL, NULL, 0, 1, 100, 'average', 'direct', 0);
       UPDATE recent_sample SET energy_joules = 'much';
       INSERT INTO gap SELECT ${at(10)}, id, 'package', 0, 'laziness', NULL FROM container`,
    )
    await using store = await open(path)
    assert.match(
      (await refusal(store.nodeStates())).message,
      /store\.db holds a node state that cannot be read/,
    )
    assert.match((await refusal(store.allFacts())).message, /holds an unknown method: rumour/)
    assert.match((await refusal(energiesIn(store, busybox))).message, /holds an unknown energy_joules: much/)
    const gaps = store.gapsWithin({ from: at(0), to: at(20) }, never)
    assert.match((await refusal(gaps)).message, /holds an unknown cause: laziness/)
  })

  it('that was closed says so', async (t) => {
    const store = await open(`${await temporaryDirectory(t)}/store.db`)
    await store[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
    assert.match(
      (await refusal(store.write(batchOf(measured(10))))).message,
      /store\.db cannot be used \(database is not open\)/,
    )
    await refusal(store.nodeStates())
    await refusal(energiesIn(store, busybox))
  })
})

describe('a full disk', () => {
  const mostBytes = 400_000
  const day = 86_400

  it('is reported, costs nothing that was written, and is over once there is room', async (t) => {
    const path = `${await temporaryDirectory(t)}/store.db`
    let now = at(0)
    await using store = await openSqliteStore({ path, retentionDays: 1, now: () => now, mostBytes })
    const hundredFrom = (second: number) =>
      batchOf(...Array.from({ length: 100 }, (_, index) => measured(second + 10 * index)))

    let written = 0
    const failed = await refusal(
      (async () => {
        for (;;) written += (await store.write(hundredFrom(10 * written))).written
      })(),
    )
    assert.match(failed.message, /store\.db is full: the disk has no room left, or the file may not grow/)
    assert.ok(written > 1000, `${written} samples`)
    assert.equal((await energiesIn(store, busybox)).length, written)
    await refusal(store.write(hundredFrom(10 * written)))

    now = at(2 * day + 10 * written)
    assert.equal((await store.tidy(never)).forgotten, written)
    assert.equal((await store.write(hundredFrom(10 * written))).written, 100)
    assert.equal((await energiesIn(store, busybox)).length, 100)
  })

  it('leaves no half of a batch, and no name of it', async (t) => {
    const path = `${await temporaryDirectory(t)}/store.db`
    await using store = await open(path, mostBytes)
    await store.write(batchOf(measured(10)))
    const tooMuch = Array.from({ length: 20_000 }, (_, index) =>
      measured(10, { containerId: `new-${index}`, workload: { ...busybox, pod: `pod-${index}` } }),
    )
    await refusal(store.write(batchOf(...tooMuch)))
    assert.deepEqual(await store.workloadsSince(at(0), never), [busybox])
    const few = batch([page(tooMuch.slice(0, 10))])
    assert.equal((await store.write(few)).written, 10)
    assert.equal((await store.workloadsSince(at(0), never)).length, 11)
  })
})
