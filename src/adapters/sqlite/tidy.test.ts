import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it, type TestContext } from 'node:test'
import {
  at,
  batch,
  batchOf,
  busybox,
  energiesIn,
  gapUntil,
  last,
  measured,
  never,
  nginx,
  page,
  stateAt,
} from '../../../test/contracts/measured.ts'
import { temporaryDirectory } from '../../../test/contracts/temporary-directory.ts'
import { joules } from '../../units.ts'
import { openSqliteStore } from './sqlite-store.ts'

const day = 86_400

async function storeAtSecond(t: TestContext, second: number, retentionDays: number | 'for ever' = 1) {
  const path = `${await temporaryDirectory(t)}/store.db`
  const time = { second }
  const store = await openSqliteStore({
    path,
    retentionDays: retentionDays === 'for ever' ? undefined : retentionDays,
    now: () => at(time.second),
  })
  t.after(() => store[Symbol.asyncDispose]())
  return { store, time, path }
}

function count(path: string, table: string): unknown {
  const database = new DatabaseSync(path, { readOnly: true })
  const counted = database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()
  database.close()
  return counted?.['rows']
}

describe('tidying up', () => {
  it('moves what ended a quarter of an hour ago to where long ranges are read', async (t) => {
    const { store, path } = await storeAtSecond(t, 1000)
    await store.write(batchOf(measured(90), measured(100), measured(101)))
    assert.deepEqual(await store.tidy(never), { forgotten: 0, settled: 2 })
    assert.deepEqual([count(path, 'recent_sample'), count(path, 'settled_sample')], [1, 2])
    assert.deepEqual(await energiesIn(store, busybox), [90, 100, 101])
    assert.deepEqual(await energiesIn(store, busybox, last(2)), [100, 101])
  })

  it('changes nothing the second time', async (t) => {
    const { store } = await storeAtSecond(t, 1000)
    await store.write(batchOf(measured(90)))
    await store.tidy(never)
    assert.deepEqual(await store.tidy(never), { forgotten: 0, settled: 0 })
  })

  it('does not make what is delivered again, or late, count twice', async (t) => {
    const { store } = await storeAtSecond(t, 1000)
    await store.write(batchOf(measured(90), measured(200)))
    await store.tidy(never)
    const again = await store.write(batchOf(measured(80), measured(90), measured(200), measured(210)))
    assert.deepEqual([again.written, again.repeated], [2, 2])
    assert.deepEqual(await energiesIn(store, busybox), [80, 90, 200, 210])
  })

  it('moves much in several steps, and each scrape as a whole', async (t) => {
    const { store, path } = await storeAtSecond(t, 10_000)
    const crowd = (second: number, containers: number) =>
      Array.from({ length: containers }, (_, index) =>
        measured(second, { containerId: `c${index}`, workload: index === 0 ? busybox : nginx }),
      )
    await store.write(batch([page(crowd(10, 30_000)), page(crowd(20, 30_000)), page(crowd(30, 51_000))]))
    assert.equal((await store.tidy(never)).settled, 111_000)
    assert.deepEqual([count(path, 'recent_sample'), count(path, 'settled_sample')], [0, 111_000])
    assert.deepEqual(await energiesIn(store, busybox), [10, 20, 30])
  })

  it('deletes what ended before the retention, and nothing else', async (t) => {
    const { store, time } = await storeAtSecond(t, 1000)
    const both = batch([
      page([measured(10), measured(20), measured(30)], { gaps: [gapUntil(10), gapUntil(30)] }),
    ])
    await store.write(both)
    await store.tidy(never)
    await store.write(batchOf(measured(200)))
    time.second = day + 20
    assert.deepEqual(await store.tidy(never), { forgotten: 1, settled: 1 })
    assert.deepEqual(await energiesIn(store, busybox), [20, 30, 200])
    assert.deepEqual(await store.gapsWithin({ from: at(0), to: at(99) }, never), [gapUntil(30)])
  })

  it('deletes nothing when everything is to be kept', async (t) => {
    const { store, time } = await storeAtSecond(t, 1000, 'for ever')
    await store.write(batchOf(measured(10)))
    time.second = 10_000 * day
    assert.deepEqual(await store.tidy(never), { forgotten: 0, settled: 1 })
    assert.deepEqual(await energiesIn(store, busybox), [10])
  })

  it('deletes many days of a container, one after another', async (t) => {
    const { store, time } = await storeAtSecond(t, 20 * day, 30)
    const perDay = Array.from({ length: 20 }, (_, index) => measured(index * day))
    await store.write(batchOf(...perDay))
    await store.tidy(never)
    time.second = 45 * day
    assert.equal((await store.tidy(never)).forgotten, 15)
    assert.equal((await energiesIn(store, busybox)).length, 5)
  })

  it('deletes sums with the last of their time, and long samples', async (t) => {
    const { store, time, path } = await storeAtSecond(t, 30_000)
    const outage = measured(4000, { containerId: 'c2', during: { from: at(20), to: at(4000) } })
    await store.write(batchOf(measured(10), measured(3610), outage, measured(7210)))
    await store.makeSums(never)
    assert.deepEqual([count(path, 'energy_sum'), count(path, 'long_sample')], [6, 1])
    time.second = day + 3599
    await store.tidy(never)
    assert.deepEqual([count(path, 'energy_sum'), count(path, 'long_sample')], [5, 1])
    time.second = day + 7199
    await store.tidy(never)
    assert.deepEqual([count(path, 'energy_sum'), count(path, 'long_sample')], [3, 0])
    time.second = day + 7300
    await store.tidy(never)
    assert.deepEqual([count(path, 'energy_sum'), count(path, 'container')], [0, 0])
    await store.write(batchOf(measured(day + 7000)))
    await store.makeSums(never)
    assert.deepEqual([count(path, 'energy_sum'), count(path, 'sums_to_make')], [2, 0])
  })

  it('lets go of containers and nodes of which nothing is left, and knows them when they come back', async (t) => {
    const { store, time, path } = await storeAtSecond(t, 1000)
    const elsewhere = page([measured(20, { containerId: 'c2', workload: nginx, energy: joules(2) })], {
      node: 'node-2',
    })
    await store.write(batch([page([measured(10)]), elsewhere], [stateAt(10)]))
    time.second = day + 15
    await store.tidy(never)
    assert.deepEqual([count(path, 'container'), count(path, 'node'), count(path, 'node_state')], [1, 1, 0])
    assert.deepEqual(await energiesIn(store, nginx), [2])
    await store.write(batch([page([measured(day)])], [stateAt(day)]))
    assert.deepEqual(await energiesIn(store, busybox), [day])
    assert.deepEqual(await store.workloadsSince(at(0), never), [busybox, nginx])
  })

  it('keeps a container whose only trace is a gap, until that expires', async (t) => {
    const { store, time, path } = await storeAtSecond(t, 1000)
    await store.write(batch([page([measured(10)], { gaps: [gapUntil(50)] })]))
    time.second = day + 20
    await store.tidy(never)
    assert.equal(count(path, 'container'), 1)
    time.second = day + 60
    await store.tidy(never)
    assert.equal(count(path, 'container'), 0)
  })

  it('keeps every fact about intensities', async (t) => {
    const { store, time } = await storeAtSecond(t, 1000)
    const withdrawal = { zone: 'DE', source: 'entsoe', at: at(0) }
    await store.addFacts([{ kind: 'withdrawal', withdrawal }])
    time.second = 10_000 * day
    await store.tidy(never)
    assert.equal((await store.allFacts()).length, 1)
  })

  it('lets others read and write in between, and loses nothing of theirs', async (t) => {
    const { store } = await storeAtSecond(t, 100_000, 365)
    const many = Array.from({ length: 5000 }, (_, index) => measured(10 * index))
    await store.write(batchOf(...many))
    const [tidied, written, found] = await Promise.all([
      store.tidy(never),
      store.write(batchOf(measured(5), measured(99_999))),
      energiesIn(store, busybox),
    ])
    assert.ok(tidied.settled >= 5000)
    assert.equal(written.written, 2)
    assert.ok(found.length >= 5000)
    assert.equal((await energiesIn(store, busybox)).length, 5002)
  })

  it('ends early when it is told to', async (t) => {
    const { store } = await storeAtSecond(t, 1000)
    await store.write(batchOf(measured(10)))
    const reason = new Error('the service stops')
    await assert.rejects(store.tidy(AbortSignal.abort(reason)), reason)
    assert.deepEqual(await energiesIn(store, busybox), [10])
  })
})

describe('what is set aside', () => {
  const nonsense = (second: number) => measured(second, { energy: joules(Number.NaN) })

  it('is kept apart with its reason, once', async (t) => {
    const { store, path } = await storeAtSecond(t, 1000)
    const bad = batch([page([nonsense(10)], { renamings: [{ containerId: 'c\0', workload: busybox }] })])
    await store.write(bad)
    await store.write(bad)
    const database = new DatabaseSync(path, { readOnly: true })
    const rows = database.prepare('SELECT node, reason, content FROM set_aside ORDER BY id').all()
    database.close()
    assert.deepEqual(
      rows.map(({ node, reason }) => [node, reason]),
      [
        ['node-1', 'has an energy of NaN J'],
        ['node-1', 'has a NUL character in its container id'],
      ],
    )
    assert.match(String(rows[0]?.['content']), /"containerId":"c1".*"energy":"NaN"/)
  })

  it('is bounded: the latest 10,000 are kept, until the retention has passed', async (t) => {
    const { store, time, path } = await storeAtSecond(t, 1000)
    await store.write(batchOf(...Array.from({ length: 10_020 }, (_, index) => nonsense(10 * index))))
    assert.equal(count(path, 'set_aside'), 10_000)
    time.second = 2 * day
    await store.tidy(never)
    assert.equal(count(path, 'set_aside'), 0)
  })
})
