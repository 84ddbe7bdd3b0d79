import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { at, measured, page, stateAt } from '../../test/contracts/measured.ts'
import { scraped } from '../../test/contracts/write-queue.ts'
import { createMovedClock, settled } from '../../test/moved-clock.ts'
import type { LedgerBatch } from '../energy/ledger-page.ts'
import { StoreError, type WriteOutcome } from '../energy/measurement-store.ts'
import { createKeeper, type KeepEvent, type KeeperOptions } from './keep-measurements.ts'
import { createMemoryQueue } from './memory-queue.ts'

type Answer = (batch: LedgerBatch) => Promise<Partial<WriteOutcome>>

const present: Answer = async () => ({})
const away: Answer = async () => {
  throw new StoreError('the database at db:5432 refused the connection')
}

/** A keeper that runs, over a store that answers as it is told. It is stopped with the test. */
function keeping(
  more: Partial<Pick<KeeperOptions, 'mostMeasurementsPerBatch' | 'onSuperseded'>> & {
    readonly mostBytes?: number
  } = {},
) {
  const clock = createMovedClock(at(0))
  const stop = new AbortController()
  const events: KeepEvent[] = []
  const batches: LedgerBatch[] = []
  const onEvent = (event: KeepEvent) => events.push(event)
  const store = {
    answer: present,
    async write(batch: LedgerBatch) {
      batches.push(batch)
      const written = batch.pages.reduce((sum, { measurements }) => sum + measurements.length, 0)
      return { written, repeated: 0, setAside: [], ...(await store.answer(batch)) }
    },
  }
  const queue = createMemoryQueue({
    mostBytes: more.mostBytes ?? 1e9,
    onDropped: (dropped) => onEvent({ kind: 'dropped', ...dropped }),
  })
  const keeper = createKeeper({
    queue,
    store,
    clock,
    random: () => 1,
    flushEverySeconds: 5,
    mostMeasurementsPerBatch: more.mostMeasurementsPerBatch ?? 100,
    lastFlushSeconds: 5,
    onEvent,
    ...(more.onSuperseded === undefined ? {} : { onSuperseded: more.onSuperseded }),
  })
  const running = keeper.run(stop.signal)
  return {
    clock,
    store,
    queue,
    keeper,
    running,
    events,
    kinds: () => events.map(({ kind }) => kind),
    /** The seconds of the pages of each batch that the store was given. */
    written: () => batches.map(({ pages }) => pages.map((page) => (page.at - at(0)) / 1000)),
    keep: (second: number, containers = 1) => keeper.keep(...scraped(second, { containers })),
    stop: async () => {
      stop.abort()
      await settled()
    },
  }
}

describe('the keeping of measurements', () => {
  it('writes what waits at every interval', async () => {
    const { clock, keep, written, events, stop, running } = keeping()
    await keep(1)
    await clock.moveTo(4.9)
    assert.deepEqual(written(), [])
    await clock.moveTo(5)
    assert.deepEqual(written(), [[1]])
    await keep(6)
    await keep(7)
    await clock.moveTo(10)
    assert.deepEqual(written(), [[1], [6, 7]])
    assert.deepEqual(events[1], { kind: 'flushed', written: 2, repeated: 0, setAside: 0, seconds: 0 })
    await stop()
    await running
  })

  it('writes nothing when nothing waits', async () => {
    const { clock, written, stop, running } = keeping()
    await clock.moveTo(100)
    await stop()
    await running
    assert.deepEqual(written(), [])
  })

  it('writes pages together with the states right after them', async () => {
    const { clock, keeper, store, stop, running } = keeping()
    let got: LedgerBatch | undefined
    store.answer = async (batch) => {
      got = batch
      return {}
    }
    await keeper.keep(page([measured(1)]), stateAt(1))
    await keeper.keep(page([measured(2)]), stateAt(2))
    await clock.moveTo(5)
    assert.deepEqual(got, { pages: [page([measured(1)]), page([measured(2)])], states: [stateAt(2)] })
    await stop()
    await running
  })

  it('writes at once when there is enough for a batch', async () => {
    const { keep, written, clock, stop, running } = keeping({ mostMeasurementsPerBatch: 20 })
    await keep(1, 10)
    await settled()
    assert.deepEqual(written(), [])
    await keep(2, 10)
    await settled()
    assert.deepEqual(written(), [[1, 2]])
    await keep(3, 50)
    await settled()
    assert.deepEqual(written(), [[1, 2], [3]])
    await keep(4)
    await clock.moveTo(4.9)
    assert.equal(written().length, 2)
    await clock.moveTo(5)
    assert.deepEqual(written()[2], [4])
    await stop()
    await running
  })

  it('leaves what comes during a flush to the next, unless it fills a batch', async () => {
    const { clock, keep, written, store, stop, running } = keeping()
    store.answer = async () => {
      store.answer = present
      await keep(6)
      return {}
    }
    await keep(1)
    await clock.moveTo(5)
    assert.deepEqual(written(), [[1]])
    await clock.moveTo(10)
    assert.deepEqual(written(), [[1], [6]])
    await stop()
    await running
  })

  describe('while the store is away', () => {
    it('tries again after half a second, then after twice the time, up to half a minute', async () => {
      const { clock, keep, written, store, stop, running } = keeping()
      store.answer = away
      await keep(1)
      await clock.moveTo(5)
      let second = 5
      for (const [tries, wait] of [0.5, 1, 2, 4, 8, 16, 30, 30].entries()) {
        assert.equal(written().length, tries + 1)
        await clock.moveTo(second + wait - 0.001)
        assert.equal(written().length, tries + 1)
        second += wait
        await clock.moveTo(second)
      }
      await stop()
      await running
    })

    it('says so once, with the reason, and says when it is back', async () => {
      const { clock, keep, store, events, stop, running } = keeping()
      store.answer = away
      await keep(1)
      await clock.moveTo(5)
      await clock.moveTo(5.5)
      store.answer = present
      await clock.moveTo(6.5)
      const reason = 'the database at db:5432 refused the connection'
      assert.deepEqual(events, [
        { kind: 'store-away', reason },
        { kind: 'store-failed', reason, failuresInARow: 1 },
        { kind: 'store-failed', reason, failuresInARow: 2 },
        { kind: 'flushed', written: 1, repeated: 0, setAside: 0, seconds: 0 },
        { kind: 'store-back', awaySeconds: 1.5, waiting: 0 },
      ])
      await stop()
      await running
    })

    it('is not hurried by a queue that fills up', async () => {
      const { clock, keep, written, store, stop, running } = keeping({ mostMeasurementsPerBatch: 10 })
      store.answer = away
      await keep(1, 10)
      await settled()
      for (let second = 2; second < 10; second += 1) await keep(second, 10)
      await settled()
      assert.equal(written().length, 1)
      await clock.moveTo(0.5)
      assert.equal(written().length, 2)
      await stop()
      await running
    })

    it('offers the same batch again, and drains the rest at once when the store is back', async () => {
      const { clock, keep, written, store, queue, stop, running } = keeping({
        mostMeasurementsPerBatch: 4000,
      })
      store.answer = away
      await keep(1, 3000)
      await clock.moveTo(5)
      for (const second of [2, 3, 4]) await keep(second, 3000)
      await clock.moveTo(5.5)
      store.answer = present
      await clock.moveTo(6.5)
      assert.deepEqual(written(), [[1], [1], [1], [2], [3], [4]])
      assert.equal(queue.depth.pages, 0)
      await stop()
      await running
    })

    it('begins at half a second again after a success', async () => {
      const { clock, keep, written, store, stop, running } = keeping()
      store.answer = away
      await keep(1)
      await clock.moveTo(5)
      await clock.moveTo(5.5)
      store.answer = present
      await clock.moveTo(6.5)
      store.answer = away
      await keep(7)
      await clock.moveTo(11.5)
      await clock.moveTo(12)
      assert.deepEqual(written(), [[1], [1], [1], [7], [7]])
      await stop()
      await running
    })

    it('tells of it in its status', async () => {
      const { clock, keep, keeper, store, stop, running } = keeping()
      assert.deepEqual(keeper.status(), {
        storeAway: undefined,
        waiting: { measurements: 0, oldestAgeSeconds: 0 },
        dropped: 0,
        problems: [],
      })
      store.answer = away
      await keep(1, 3)
      await clock.moveTo(5)
      await clock.moveTo(7)
      const reason = 'the database at db:5432 refused the connection'
      assert.deepEqual(keeper.status(), {
        storeAway: { since: at(5), reason },
        waiting: { measurements: 3, oldestAgeSeconds: 6 },
        dropped: 0,
        problems: [
          `The store has been away for 2.0 s; 3 measurement(s) wait for it. Last failure: ${reason}`,
        ],
      })
      store.answer = present
      await clock.moveTo(60)
      assert.deepEqual(keeper.status().problems, [])
      await stop()
      await running
    })

    it('drops the oldest when the queue is full, and says so from then on', async () => {
      const { clock, keep, keeper, store, kinds, stop, running } = keeping({ mostBytes: 10_000 })
      store.answer = away
      await keep(1)
      await clock.moveTo(5)
      for (let second = 10; second < 100; second += 1) await keep(second, 3)
      assert.ok(kinds().includes('dropped'))
      const { dropped } = keeper.status()
      assert.deepEqual(keeper.status().problems.slice(1), [
        `${dropped} measurement(s) were dropped since the start, because the queue for the store was full; they are recorded as gaps.`,
      ])
      store.answer = present
      await clock.moveTo(60)
      assert.equal(keeper.status().problems.length, 1)
      await stop()
      await running
    })
  })

  it('tells of every measurement that is set aside, with short names', async () => {
    const { clock, keep, store, events, stop, running } = keeping()
    const poison = measured(1, {
      workload: { namespace: 'default', pod: `${'p'.repeat(63)}😀${'q'.repeat(10_000)}`, container: 'a\0b' },
    })
    const unnamed = measured(1, { workload: undefined, containerId: 'c'.repeat(100) })
    store.answer = async () => ({
      written: 1,
      setAside: [
        { node: 'node-1', measurement: poison, reason: 'has a NUL character in its container' },
        { node: 'node-1', measurement: unnamed, reason: 'has an energy of NaN J' },
      ],
    })
    await keep(1, 3)
    await clock.moveTo(5)
    assert.deepEqual(events, [
      { kind: 'flushed', written: 1, repeated: 0, setAside: 2, seconds: 0 },
      {
        kind: 'set-aside',
        node: 'node-1',
        containerId: 'c1',
        workload: `default/${'p'.repeat(63)}\ufffd…/a\0b`,
        reason: 'has a NUL character in its container',
      },
      {
        kind: 'set-aside',
        node: 'node-1',
        containerId: `${'c'.repeat(64)}…`,
        workload: '',
        reason: 'has an energy of NaN J',
      },
    ])
    await stop()
    await running
  })

  it('hands over nodes that another process has counted meanwhile, once the batch has left the queue', async () => {
    const handedOver: string[] = []
    const { clock, keep, store, events, queue, stop, running } = keeping({
      async onSuperseded({ node }) {
        handedOver.push(`${node}, ${queue.depth.pages} waiting`)
      },
    })
    const pages = { node: 'node-1', measurements: 1, until: at(1), isMended: false }
    store.answer = async () => ({ written: 0, superseded: [pages] })
    await keep(1)
    await clock.moveTo(5)
    assert.deepEqual(handedOver, ['node-1, 0 waiting'])
    assert.deepEqual(events[1], { kind: 'superseded', nodes: 1, measurements: 1 })
    await stop()
    await running
  })

  it('takes the store for away when it fails while a node is handed over', async () => {
    const { clock, keep, store, keeper, kinds, stop, running } = keeping({
      async onSuperseded() {
        throw new StoreError('the connection was lost')
      },
    })
    store.answer = async () => ({
      superseded: [{ node: 'node-1', measurements: 1, until: at(1), isMended: false }],
    })
    await keep(1)
    await clock.moveTo(5)
    assert.deepEqual(kinds(), ['flushed', 'superseded', 'store-away', 'store-failed'])
    assert.equal(keeper.status().storeAway?.reason, 'the connection was lost')
    store.answer = present
    await keep(6)
    await clock.moveTo(10)
    assert.equal(keeper.status().storeAway, undefined)
    await stop()
    await running
  })

  it('rejects with an error that is none of the store, and keeps the batch', async () => {
    const { clock, keep, store, queue, running } = keeping()
    const mistake = new TypeError('undefined is not a function')
    store.answer = async () => {
      throw mistake
    }
    await keep(1)
    const rejected = assert.rejects(running, mistake)
    await clock.moveTo(5)
    await rejected
    assert.equal(queue.depth.pages, 1)
  })

  describe('when it is stopped', () => {
    it('writes what waits and ends, without another interval', async () => {
      const { keep, written, stop, running, events } = keeping()
      await keep(1)
      await settled()
      await stop()
      await running
      assert.deepEqual(written(), [[1]])
      assert.equal(events.at(-1)?.kind, 'flushed')
    })

    it('tries a store that is away once more and says what is left behind', async () => {
      const { keep, written, store, stop, running, events, clock } = keeping()
      store.answer = away
      await keep(1, 3)
      await clock.moveTo(5)
      await stop()
      await running
      assert.deepEqual(written(), [[1], [1]])
      assert.deepEqual(events.at(-1), { kind: 'left-behind', pages: 1, measurements: 3, lost: 3 })
    })

    it('waits for a write that is under way', async () => {
      const { keep, clock, store, stop, running, events } = keeping()
      const answered = Promise.withResolvers<Partial<WriteOutcome>>()
      store.answer = () => answered.promise
      await keep(1)
      await clock.moveTo(5)
      await stop()
      await clock.moveTo(9)
      assert.equal(events.length, 0)
      answered.resolve({})
      await running
      assert.equal(events.at(-1)?.kind, 'flushed')
    })

    it('waits no longer than it was told', async () => {
      const { keep, clock, store, stop, running, events, written } = keeping({ mostMeasurementsPerBatch: 1 })
      const answered = Promise.withResolvers<Partial<WriteOutcome>>()
      store.answer = () => answered.promise
      await keep(1, 3000)
      await keep(2, 3000)
      await settled()
      await stop()
      await clock.moveTo(5)
      await running
      assert.deepEqual(events, [{ kind: 'left-behind', pages: 2, measurements: 6000, lost: 6000 }])
      answered.reject(new TypeError('the connection is closed'))
      await settled()
      assert.deepEqual(written(), [[1]])
    })

    it('ends at once when it was stopped before it began', async () => {
      const clock = createMovedClock(at(0))
      const keeper = createKeeper({
        queue: createMemoryQueue({ mostBytes: 1e9, onDropped: () => {} }),
        store: { write: () => assert.fail('there is nothing to write') },
        clock,
        random: () => 1,
        flushEverySeconds: 5,
        mostMeasurementsPerBatch: 1,
        lastFlushSeconds: 5,
        onEvent: () => {},
      })
      await keeper.run(AbortSignal.abort())
    })
  })

  it('is not a busy loop when a queue does not hand out what it has', async () => {
    const clock = createMovedClock(at(0))
    const stop = new AbortController()
    let peeks = 0
    const queue = {
      ...createMemoryQueue({ mostBytes: 1e9, onDropped: () => {} }),
      depth: { pages: 1, measurements: 500, bytes: 1, inMemoryOnly: 0, dropped: 0, oldestAt: undefined },
      async peek() {
        peeks += 1
        return undefined
      },
    }
    const keeper = createKeeper({
      queue,
      store: { write: () => assert.fail('there is nothing to write') },
      clock,
      random: () => 1,
      flushEverySeconds: 5,
      mostMeasurementsPerBatch: 100,
      lastFlushSeconds: 5,
      onEvent: () => {},
    })
    const running = keeper.run(stop.signal)
    await settled()
    assert.equal(peeks, 1)
    await clock.moveTo(5)
    assert.equal(peeks, 2)
    stop.abort()
    await running
  })
})
