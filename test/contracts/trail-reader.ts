import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import fc from 'fast-check'
import type { TrailReader, TrailSample } from '../../src/energy/counter-trail.ts'
import type { LedgerBatch, Measurement } from '../../src/energy/ledger-page.ts'
import type { MeasurementStore } from '../../src/energy/measurement-store.ts'
import { type Interval, instant, joules } from '../../src/units.ts'
import { at, batch, batchOf, busybox, byEnd, measured, never, nginx, page } from './measured.ts'

type Store = MeasurementStore & TrailReader

const always = { from: at(-1e6), to: at(1e6) }

/** What every reader of trails does. `create` gives an empty store, and releases it with `t.after`. */
export function behavesLikeATrailReader(
  name: string,
  create: (t: TestContext) => Promise<{ readonly store: Store }>,
): void {
  const filled = async (t: TestContext, ...batches: readonly LedgerBatch[]) => {
    const { store } = await create(t)
    for (const next of batches) await store.write(next)
    return store
  }

  describe(`${name} is a reader of trails that`, () => {
    it('gives every sample with its counter, its flags and the names that its container bears now', async (t) => {
      const flagged = measured(20, {
        flags: ['reset', 'gap'],
        energy: joules(0.1),
        counter: joules(0.1 + 0.2),
      })
      const renaming = { containerId: 'c2', workload: nginx }
      const store = await filled(
        t,
        batch([
          page([
            measured(10),
            measured(10, { containerId: 'c2' }),
            measured(10, { containerId: 'c3', workload: undefined }),
          ]),
          page([flagged], { renamings: [renaming] }),
          page([measured(10)], { node: 'node-2' }),
        ]),
      )
      assert.deepEqual(await trailIn(store), [
        trailed('node-1', measured(10)),
        trailed('node-1', measured(10, { containerId: 'c2', workload: nginx })),
        trailed('node-1', measured(10, { containerId: 'c3', workload: undefined })),
        trailed('node-2', measured(10)),
        trailed('node-1', flagged),
      ])
    })

    it('gives those that end in the time that is asked about: after its beginning, or at its end', async (t) => {
      const store = await filled(t, batchOf(measured(10), measured(20), measured(30), measured(40)))
      const ends = async (from: number, to: number) =>
        (await trailIn(store, { from: instant(from), to: instant(to) })).map(({ during }) => during.to)
      assert.deepEqual(await ends(at(10), at(30)), [at(20), at(30)])
      assert.deepEqual(await ends(at(10) - 1, at(30) - 1), [at(10), at(20)])
      assert.deepEqual(await ends(at(40), at(90)), [])
    })

    it('gives each container’s samples oldest first, whatever order they were written in', async (t) => {
      const store = await filled(
        t,
        batchOf(measured(30), measured(30, { containerId: 'c2' })),
        batchOf(measured(10), measured(20, { containerId: 'c2' })),
        batchOf(measured(20), measured(40)),
      )
      assert.equal((await trailIn(store)).length, 6)
    })

    it('gives thousands in portions of bounded size', async (t) => {
      const measurements = Array.from({ length: 6000 }, (_, index) => measured(10 * (index + 1)))
      const store = await filled(t, batchOf(...measurements))
      let most = 0
      let all = 0
      for await (const portion of store.trailWithin({ from: at(0), to: at(1e5) }, never)) {
        most = Math.max(most, portion.length)
        all += portion.length
      }
      assert.equal(all, 6000)
      assert.ok(most <= 10_000, `${most} at once`)
    })

    it('ends when its signal aborts', async (t) => {
      const store = await filled(t, batchOf(measured(10)))
      const stop = new AbortController()
      stop.abort(new Error('the client went away'))
      await assert.rejects(async () => {
        for await (const _portion of store.trailWithin(always, stop.signal)) assert.fail()
      }, /the client went away/)
    })

    it('agrees with the samples of each name', async (t) => {
      const { store } = await create(t)
      const steps = fc.array(fc.tuple(fc.constantFrom('c1', 'c2'), fc.integer({ min: 1, max: 50 })), {
        maxLength: 30,
      })
      await fc.assert(
        fc.asyncProperty(steps, fc.nat(400), async (given, second) => {
          for (const [containerId, tick] of given)
            await store.write(batchOf(measured(10 * tick, { containerId })))
          const during = { from: at(second), to: at(second + 100) }
          const expected = []
          const selection = { kind: 'range', ...during } as const
          for await (const portion of store.samplesOf(busybox, selection, never)) expected.push(...portion)
          assert.deepEqual(
            (await trailIn(store, during)).map(({ workload: _, ...sample }) => sample),
            expected.filter(({ during: { to } }) => to > during.from).sort(byEnd),
          )
        }),
        { numRuns: 10 },
      )
    })
  })
}

function trailed(node: string, measurement: Measurement): TrailSample {
  return { node, ...measurement }
}

/** All samples, checked to be in order for each container, and put in one order. */
async function trailIn(store: TrailReader, during: Interval = always): Promise<readonly TrailSample[]> {
  const found: TrailSample[] = []
  const lastEnds = new Map<string, number>()
  for await (const portion of store.trailWithin(during, never)) {
    for (const sample of portion) {
      const key = `${sample.node} ${sample.containerId}`
      assert.ok((lastEnds.get(key) ?? -Infinity) < sample.during.to, `${key} is out of order`)
      lastEnds.set(key, sample.during.to)
      found.push(sample)
    }
  }
  return found.sort(byEnd)
}
