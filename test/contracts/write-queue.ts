import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { LedgerBatch, LedgerPage } from '../../src/energy/ledger-page.ts'
import type { NodeState } from '../../src/energy/node-state.ts'
import type { DroppedMeasurements, WriteQueue } from '../../src/flows/write-queue.ts'
import { type Interval, joules } from '../../src/units.ts'
import { at, busybox, gapUntil, measured, page, stateAt } from './measured.ts'

/** Whoever releases what a test has created: the context of the test, or a run of a property. */
export type Owner = { after(release: () => PromiseLike<void>): void }

type Created = { readonly queue: WriteQueue; readonly dropped: readonly DroppedMeasurements[] }

/** The page of the ten seconds until `second`, of a node with so many containers, and the node's state after it. */
export function scraped(
  second: number,
  { node = 'node-1', containers = 1 }: { readonly node?: string; readonly containers?: number } = {},
): readonly [LedgerPage, NodeState] {
  const measurements = Array.from({ length: containers }, (_, index) =>
    measured(second, { containerId: `c${index + 1}` }),
  )
  return [page(measurements, { node, at: at(second) }), stateAt(second, { node })]
}

/** Takes all that waits, in batches. */
export async function drained(queue: WriteQueue, mostMeasurements = 1): Promise<readonly LedgerBatch[]> {
  const batches: LedgerBatch[] = []
  for (;;) {
    const waiting = await queue.peek(mostMeasurements)
    if (waiting === undefined) return batches
    batches.push(waiting.batch)
    await queue.acknowledge(waiting.token)
  }
}

/** The state of every node in a batch is the one right after its last page in it. Pages and states are told by time. */
export function assertInStep({ pages, states }: LedgerBatch): void {
  const last = new Map(pages.map(({ node, at }) => [node, at]))
  assert.deepEqual(new Map(states.map(({ node, at }) => [node, at])), last)
  assert.equal(states.length, last.size)
}

/**
 * What every queue for the store does. `create` gives an empty queue that holds at most so many bytes and is released
 * with `t.after`; `smallBytes` is room for a few pages of ten containers, and not for fifty.
 */
export function behavesLikeAWriteQueue(
  name: string,
  create: (t: Owner, mostBytes: number) => Promise<Created>,
  smallBytes: number,
): void {
  const roomy = 1e9
  const empty = { pages: 0, measurements: 0, bytes: 0, inMemoryOnly: 0, dropped: 0, oldestAt: undefined }

  describe(`${name} is a write queue that`, () => {
    it('has nothing to hand out while it is empty', async (t) => {
      const { queue } = await create(t, roomy)
      assert.equal(await queue.peek(100), undefined)
      assert.deepEqual(await queue.newestStates(), [])
      assert.deepEqual(queue.depth, empty)
      assert.deepEqual(queue.problems(), [])
    })

    it('hands out a page with the state after it, as they were given', async (t) => {
      const { queue } = await create(t, roomy)
      const renamings = [{ containerId: 'c1', workload: busybox }]
      const given = page([measured(10), measured(10, { containerId: 'c2', workload: undefined })], {
        renamings,
        gaps: [gapUntil(10, { cause: { kind: 'refused', claimedJoules: 1e9 } })],
      })
      await queue.push(given, stateAt(10))
      const waiting = await queue.peek(100)
      assert.deepEqual(waiting?.batch, { pages: [given], states: [stateAt(10)] })
      assert.equal(waiting?.measurements, 2)
    })

    it('hands out numbers and names that are none, for the store to set aside', async (t) => {
      const { queue } = await create(t, roomy)
      const poison = [
        measured(10, { energy: joules(Number.NaN) }),
        measured(10, { counter: joules(Number.POSITIVE_INFINITY) }),
        measured(10, { during: { from: at(Number.NEGATIVE_INFINITY), to: at(Number.NaN) } }),
        measured(10, { energy: joules(-0), counter: joules(5e-324) }),
        measured(10, { workload: { namespace: 'a\0b', pod: '\ud800', container: 'x'.repeat(10_000) } }),
        measured(10, { containerId: '{"$number":"NaN"}\n' }),
      ]
      const given = page(poison, { at: at(10), gaps: [gapUntil(Number.POSITIVE_INFINITY)] })
      await queue.push(given, stateAt(10))
      assert.deepEqual((await queue.peek(100))?.batch.pages, [given])
    })

    it('joins pages of several nodes, with the last state of each', async (t) => {
      const { queue } = await create(t, roomy)
      for (const [node, second] of [
        ['a', 10],
        ['b', 11],
        ['a', 20],
      ] as const)
        await queue.push(...scraped(second, { node }))
      const batch = (await queue.peek(100))?.batch
      assert.deepEqual(
        new Map(batch?.states.map(({ node, at }) => [node, at])),
        new Map([
          ['a', at(20)],
          ['b', at(11)],
        ]),
      )
      assert.deepEqual(
        batch?.pages.filter(({ node }) => node === 'a').map(({ at }) => at),
        [at(10), at(20)],
      )
    })

    it('hands out the same batch until it is acknowledged, whatever is added', async (t) => {
      const { queue } = await create(t, roomy)
      await queue.push(...scraped(10))
      const first = await queue.peek(100)
      await queue.push(...scraped(20))
      assert.deepEqual(await queue.peek(100), first)
      await queue.acknowledge(first?.token ?? Number.NaN)
      assert.deepEqual(
        (await queue.peek(100))?.batch.pages.map(({ at }) => at),
        [at(20)],
      )
    })

    it('lets go of a batch once, and of none by a token that is not its own', async (t) => {
      const { queue } = await create(t, roomy)
      for (const second of [10, 20]) await queue.push(...scraped(second, { containers: 4000 }))
      const first = await queue.peek(1)
      const token = first?.token ?? Number.NaN
      await queue.acknowledge(token + 1)
      assert.equal(queue.depth.measurements, 8000)
      await queue.acknowledge(token)
      await queue.acknowledge(token)
      assert.equal(queue.depth.measurements, 4000)
    })

    it('knows where the counters stood after the newest page of each node that waits', async (t) => {
      const { queue } = await create(t, roomy)
      for (const second of [10, 20]) await queue.push(...scraped(second, { containers: 4000 }))
      await queue.push(...scraped(5, { node: 'node-2' }))
      const states = async () => (await queue.newestStates()).map(({ node, at }) => [node, at])
      assert.deepEqual(await states(), [
        ['node-1', at(20)],
        ['node-2', at(5)],
      ])
      await queue.acknowledge((await queue.peek(1))?.token ?? Number.NaN)
      assert.equal((await states()).length, 2)
      await drained(queue)
      assert.deepEqual(await states(), [])
    })

    it('tells how much waits, and since when', async (t) => {
      const { queue } = await create(t, roomy)
      await queue.push(...scraped(10, { containers: 3 }))
      await queue.push(...scraped(20, { node: 'node-2', containers: 2 }))
      const { bytes, inMemoryOnly: _, ...depth } = queue.depth
      assert.deepEqual(depth, { pages: 2, measurements: 5, dropped: 0, oldestAt: at(10) })
      assert.ok(bytes > 500, `${bytes} bytes`)
      await drained(queue)
      assert.equal(queue.depth.measurements, 0)
      assert.equal(queue.depth.oldestAt, undefined)
    })

    it('loses and repeats nothing while it has room, and keeps pages and states in step', async () => {
      const command = fc.oneof(
        fc.record({ kind: fc.constant('push'), node: fc.constantFrom('a', 'b', 'c'), size: fc.nat(3) }),
        fc.record({ kind: fc.constant('peek'), node: fc.constant(''), size: fc.integer({ min: 1, max: 8 }) }),
        fc.record({ kind: fc.constant('acknowledge'), node: fc.constant(''), size: fc.constant(0) }),
      )
      await fc.assert(
        fc.asyncProperty(fc.array(command, { maxLength: 40 }), async (commands) => {
          await using cleanUp = new AsyncDisposableStack()
          const { queue } = await create({ after: (release) => cleanUp.defer(release) }, roomy)
          const pushed = new Map<string, string[]>()
          const kept = new Map<string, string[]>()
          const keep = (batch: LedgerBatch) => {
            assertInStep(batch)
            for (const { node, measurements } of batch.pages)
              for (const { during, containerId } of measurements)
                kept.set(node, [...(kept.get(node) ?? []), `${during.to} ${containerId}`])
          }
          let second = 0
          for (const { kind, node, size } of commands) {
            if (kind === 'push') {
              second += 10
              const [next, state] = scraped(second, { node, containers: size })
              await queue.push(next, state)
              const ends = next.measurements.map(({ during, containerId }) => `${during.to} ${containerId}`)
              pushed.set(node, [...(pushed.get(node) ?? []), ...ends])
            } else {
              const waiting = await queue.peek(Math.max(1, size))
              if (kind === 'peek' || waiting === undefined) continue
              keep(waiting.batch)
              await queue.acknowledge(waiting.token)
            }
          }
          for (const batch of await drained(queue)) keep(batch)
          for (const [node, ends] of pushed) assert.deepEqual(kept.get(node) ?? [], ends)
          assert.deepEqual(queue.depth, empty)
        }),
        { numRuns: 60 },
      )
    })

    describe('when it is full', () => {
      const filled = async (t: Owner) => {
        const created = await create(t, smallBytes)
        for (let second = 10; second <= 500; second += 10)
          await created.queue.push(...scraped(second, { containers: 10 }))
        return created
      }

      it('drops the oldest measurements, and says which and how many', async (t) => {
        const { queue, dropped } = await filled(t)
        assert.ok(queue.depth.dropped > 0)
        assert.equal(queue.depth.dropped + queue.depth.measurements, 500)
        assert.equal(
          dropped.reduce((sum, { measurements }) => sum + measurements, 0),
          queue.depth.dropped,
        )
        assert.deepEqual(dropped[0], {
          node: 'node-1',
          during: { from: at(0), to: at(10) },
          measurements: 10,
        })
        assert.ok(queue.depth.bytes <= smallBytes, `${queue.depth.bytes} bytes`)
      })

      it('records the time of every dropped measurement as a gap of its container', async (t) => {
        const { queue } = await filled(t)
        const pages = (await drained(queue, 100)).flatMap(({ pages }) => pages)
        for (let index = 1; index <= 10; index += 1) {
          const times: Interval[] = []
          for (const { measurements, gaps } of pages) {
            for (const gap of gaps) if (gap.containerId === `c${index}`) times.push(gap.during)
            for (const kept of measurements) if (kept.containerId === `c${index}`) times.push(kept.during)
          }
          let end = at(0)
          for (const { from, to } of times) {
            assert.equal(from, end)
            end = to
          }
          assert.equal(end, at(500))
        }
      })

      it('keeps the renamings, the other gaps and the newest state', async (t) => {
        const { queue } = await create(t, smallBytes)
        const [first, state] = scraped(10, { containers: 10 })
        const renamings = [{ containerId: 'c1', workload: busybox }]
        await queue.push({ ...first, renamings, gaps: [gapUntil(10)] }, state)
        for (let second = 20; second <= 500; second += 10)
          await queue.push(...scraped(second, { containers: 10 }))
        const batches = await drained(queue, 100)
        const pages = batches.flatMap(({ pages }) => pages)
        assert.deepEqual(
          pages.flatMap(({ renamings }) => renamings),
          renamings,
        )
        assert.equal(
          pages.flatMap(({ gaps }) => gaps).filter(({ cause }) => cause.kind === 'reset').length,
          1,
        )
        for (const batch of batches) assertInStep(batch)
        assert.equal(batches.at(-1)?.states[0]?.at, at(500))
      })

      it('never drops a batch that was handed out: the store may have it', async (t) => {
        const { queue, dropped } = await create(t, smallBytes)
        await queue.push(...scraped(10, { containers: 10 }))
        const waiting = await queue.peek(1)
        for (let second = 20; second <= 500; second += 10)
          await queue.push(...scraped(second, { containers: 10 }))
        assert.deepEqual(await queue.peek(1), waiting)
        assert.equal(dropped[0]?.during.from, at(10))
        await queue.acknowledge(waiting?.token ?? Number.NaN)
        const [next] = await drained(queue, 100)
        assert.deepEqual(next?.pages[0]?.gaps[0]?.during.from, at(10))
      })
    })
  })
}
