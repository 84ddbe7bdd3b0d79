import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { sampleFlags } from '../../src/energy/energy-sample.ts'
import type { LedgerBatch } from '../../src/energy/ledger-page.ts'
import type { ContainerSample, MeasurementStore } from '../../src/energy/measurement-store.ts'
import type { Workload } from '../../src/energy/workload.ts'
import { instant, joules } from '../../src/units.ts'
import { readsEnergyOfMany } from './energy-reader.ts'
import {
  at,
  batch,
  batchOf,
  busybox,
  energiesIn,
  everything,
  gapUntil,
  last,
  measured,
  never,
  nginx,
  page,
  range,
  sample,
  samplesIn,
  stateAt,
} from './measured.ts'
import { equalsAModel } from './measurement-model.ts'

type Created = {
  readonly store: MeasurementStore
  /** Closes the store and opens it again on what it kept; absent where nothing outlives the process. */
  readonly reopen?: () => Promise<MeasurementStore>
}

/**
 * What every measurement store does. `create` gives an empty store that nobody else writes to, and releases it with
 * `t.after`.
 */
export function behavesLikeAMeasurementStore(
  name: string,
  create: (t: TestContext) => Promise<Created>,
): void {
  const filled = async (t: TestContext, ...batches: readonly LedgerBatch[]) => {
    const { store } = await create(t)
    for (const next of batches) await store.write(next)
    return store
  }

  describe(`${name} is a measurement store that`, () => {
    describe('selects samples', () => {
      it('whose interval ends in a range, both ends of the range included', async (t) => {
        const store = await filled(t, batchOf(measured(10), measured(20), measured(30), measured(40)))
        assert.deepEqual(await energiesIn(store, busybox, range(at(20), at(30))), [20, 30])
        assert.deepEqual(await energiesIn(store, busybox, range(at(20) + 1, at(30) - 1)), [])
        assert.deepEqual(await energiesIn(store, busybox, range(at(50), at(60))), [])
      })

      it('of a range that is open at either end', async (t) => {
        const store = await filled(t, batchOf(measured(10), measured(20)))
        assert.deepEqual(await energiesIn(store, busybox, range(-Infinity, at(10))), [10])
        assert.deepEqual(await energiesIn(store, busybox, range(at(20), Infinity)), [20])
      })

      it('that are the last ones, as many as are asked for or as there are', async (t) => {
        const store = await filled(t, batchOf(measured(10), measured(20), measured(30)))
        assert.deepEqual(await energiesIn(store, busybox, last(2)), [20, 30])
        assert.deepEqual(await energiesIn(store, busybox, last(9)), [10, 20, 30])
      })

      it('with the last distinct ends, when containers share names and ends', async (t) => {
        const c2 = { containerId: 'c2', energy: joules(0.5) }
        const store = await filled(
          t,
          batchOf(measured(10), measured(20), measured(20, c2), measured(30), measured(30, c2)),
        )
        assert.deepEqual(await energiesIn(store, busybox, last(2)), [20, 0.5, 30, 0.5])
      })

      it('in order of time, whatever order they were written in', async (t) => {
        const store = await filled(t, batchOf(measured(30)), batchOf(measured(10)), batchOf(measured(20)))
        assert.deepEqual(await energiesIn(store, busybox), [10, 20, 30])
        assert.deepEqual(await energiesIn(store, busybox, last(1)), [30])
      })

      it('of nobody, when nobody bears the names', async (t) => {
        const store = await filled(t, batchOf(measured(10)))
        assert.deepEqual(await energiesIn(store, nginx), [])
        assert.deepEqual(await energiesIn(store, nginx, last(5)), [])
      })

      it('of a container with one id on two nodes, as two containers', async (t) => {
        const store = await filled(
          t,
          batch([page([measured(10)]), page([measured(10, { energy: joules(7) })], { node: 'node-2' })]),
        )
        assert.deepEqual(await samplesIn(store, busybox), [
          sample('node-1', measured(10)),
          sample('node-2', measured(10, { energy: joules(7) })),
        ])
      })

      it('of containers that replaced each other under one name', async (t) => {
        const store = await filled(t, batchOf(measured(10)), batchOf(measured(20, { containerId: 'c2' })))
        assert.deepEqual(await energiesIn(store, busybox), [10, 20])
      })
    })

    describe('keeps workloads apart', () => {
      it('even when their names run together', async (t) => {
        const one: Workload = { namespace: 'a', pod: 'bc', container: 'd' }
        const other: Workload = { namespace: 'ab', pod: 'c', container: 'd' }
        const store = await filled(
          t,
          batchOf(
            measured(10, { containerId: 'one', workload: one }),
            measured(20, { containerId: 'other', workload: other }),
          ),
        )
        assert.deepEqual(await energiesIn(store, one), [10])
        assert.deepEqual(await energiesIn(store, other), [20])
      })

      it('by every letter: case, accents, quotes, backslashes, braces, wildcards, empty names, emoji', async (t) => {
        const names = [
          'A',
          'a',
          'é',
          'e\u0301',
          `it's`,
          '"quoted"',
          String.raw`back\slash`,
          '{a,b}',
          '%',
          '_',
          '',
          ' ',
          'NULL',
          '\t\r\n',
          '容器',
          '👩‍👩‍👧',
          '$1',
          '; drop table x --',
        ]
        const workloads = names.map((container) => ({ namespace: 'n', pod: 'p', container }))
        const store = await filled(
          t,
          batchOf(
            ...workloads.map((workload, index) =>
              measured(10, { containerId: workload.container, workload, energy: joules(index) }),
            ),
          ),
        )
        for (const [index, workload] of workloads.entries()) {
          assert.deepEqual(
            await samplesIn(store, workload),
            [
              sample(
                'node-1',
                measured(10, { containerId: workload.container, workload, energy: joules(index) }),
              ),
            ],
            JSON.stringify(workload.container),
          )
        }
        assert.equal((await store.workloadsSince(at(0), never)).length, names.length)
      })
    })

    describe('keeps a sample as it was', () => {
      it('to the last bit of its joules', async (t) => {
        const numbers = [0.1 + 0.2, 5e-324, 1.7e308, 1e15 + 0.125, 1 / 3, 2 ** 53, 123_456_789, 0]
        const samples = numbers.map((number, index) =>
          measured(10 * (index + 1), { energy: joules(number), counter: joules(number) }),
        )
        const store = await filled(t, batchOf(...samples))
        const found = await samplesIn(store, busybox)
        assert.deepEqual(
          found.map(({ energy, counter }) => [energy, counter]),
          numbers.map((number) => [number, number]),
        )
      })

      it('to the millisecond of its interval, however long that is', async (t) => {
        const samples = [
          measured(0, { during: { from: instant(-86_400_001), to: instant(-1) } }),
          measured(0, { during: { from: instant(1_770_804_000_000), to: instant(1_770_804_000_001) } }),
          measured(0, { during: { from: instant(1_770_804_000_001), to: instant(1_798_761_599_999) } }),
        ]
        const store = await filled(t, batchOf(...samples))
        assert.deepEqual(
          await samplesIn(store, busybox),
          samples.map((measurement) => sample('node-1', measurement)),
        )
        assert.equal((await samplesIn(store, busybox, range(-1, -1))).length, 1)
      })

      it('with every flag, alone and all together', async (t) => {
        const samples = [[], ...sampleFlags.map((flag) => [flag]), sampleFlags].map((flags, index) =>
          measured(10 * (index + 1), { flags }),
        )
        const store = await filled(t, batchOf(...samples))
        assert.deepEqual(
          (await samplesIn(store, busybox)).map(({ flags }) => flags),
          samples.map(({ flags }) => flags),
        )
      })
    })

    describe('takes a batch again', () => {
      it('and says what was new and what was there', async (t) => {
        const { store } = await create(t)
        const first = batchOf(measured(10), measured(20))
        assert.deepEqual(await store.write(first), { written: 2, repeated: 0, setAside: [] })
        assert.deepEqual(await store.write(first), { written: 0, repeated: 2, setAside: [] })
        assert.deepEqual(await store.write(batchOf(measured(20), measured(30))), {
          written: 1,
          repeated: 1,
          setAside: [],
        })
        assert.deepEqual(await energiesIn(store, busybox), [10, 20, 30])
      })

      it('also when it holds a measurement twice', async (t) => {
        const { store } = await create(t)
        const twice = batch([page([measured(10)]), page([measured(10), measured(20)])])
        assert.deepEqual(await store.write(twice), { written: 2, repeated: 1, setAside: [] })
        assert.deepEqual(await energiesIn(store, busybox), [10, 20])
      })

      it('and keeps what was there, should another figure come for the same container and time', async (t) => {
        const store = await filled(t, batchOf(measured(10)))
        const { written, repeated } = await store.write(batchOf(measured(10, { energy: joules(99) })))
        assert.deepEqual([written, repeated], [0, 1])
        assert.deepEqual(await energiesIn(store, busybox), [10])
      })

      it('with its gaps and states, once', async (t) => {
        const { store } = await create(t)
        const whole = batch([page([measured(10)], { gaps: [gapUntil(10)] })], [stateAt(10)])
        await store.write(whole)
        await store.write(whole)
        assert.deepEqual(await store.gapsWithin({ from: at(0), to: at(99) }, never), [gapUntil(10)])
        assert.deepEqual(await store.nodeStates(), [stateAt(10)])
      })

      it('at the same time, from two writers', async (t) => {
        const { store } = await create(t)
        const many = batchOf(...Array.from({ length: 200 }, (_, index) => measured(10 * (index + 1))))
        const outcomes = await Promise.all([store.write(many), store.write(many)])
        assert.equal(outcomes[0].written + outcomes[1].written, 200)
        assert.equal(outcomes[0].repeated + outcomes[1].repeated, 200)
        assert.equal((await energiesIn(store, busybox)).length, 200)
      })

      it('when it is empty', async (t) => {
        const { store } = await create(t)
        const nothing = { written: 0, repeated: 0, setAside: [] }
        assert.deepEqual(await store.write(batch([])), nothing)
        assert.deepEqual(await store.write(batch([page([])])), nothing)
        assert.deepEqual(await energiesIn(store, busybox), [])
      })
    })

    describe('follows the names of a container', () => {
      const toNginx = { renamings: [{ containerId: 'c1', workload: nginx }] }

      it('back to what it used before it bore them, in the same batch and in earlier ones', async (t) => {
        const store = await filled(
          t,
          batchOf(measured(10)),
          batch([page([measured(20)]), page([measured(30, { workload: nginx })], toNginx)]),
        )
        assert.deepEqual(await energiesIn(store, busybox), [])
        assert.deepEqual(await energiesIn(store, nginx), [10, 20, 30])
        assert.deepEqual(await store.workloadsSince(at(0), never), [nginx])
      })

      it('to those it learns after it had none', async (t) => {
        const unnamed = { workload: undefined }
        const store = await filled(t, batchOf(measured(10, unnamed)), batchOf(measured(20, unnamed)))
        assert.deepEqual(await store.workloadsSince(at(0), never), [])
        await store.write(batch([page([measured(30, { workload: nginx })], toNginx)]))
        assert.deepEqual(await energiesIn(store, nginx), [10, 20, 30])
      })

      it('also in a page without measurements, and of a container that was never measured', async (t) => {
        const store = await filled(t, batchOf(measured(10)))
        const stranger = { containerId: 'stranger', workload: busybox }
        await store.write(batch([page([], { renamings: [...toNginx.renamings, stranger], at: at(20) })]))
        assert.deepEqual(await energiesIn(store, nginx), [10])
        assert.deepEqual(await energiesIn(store, busybox), [])
      })

      it('and no other container of those names or of that id', async (t) => {
        const store = await filled(
          t,
          batch([
            page([measured(10), measured(10, { containerId: 'c2', energy: joules(2) })]),
            page([measured(10, { energy: joules(3) })], { node: 'node-2' }),
          ]),
        )
        await store.write(batch([page([], { ...toNginx, at: at(20) })]))
        assert.deepEqual(await energiesIn(store, nginx), [10])
        assert.deepEqual(await energiesIn(store, busybox), [2, 3])
      })

      it('the same when the batch is delivered again', async (t) => {
        const unnamed = batchOf(measured(10, { workload: undefined }))
        const named = batch([page([measured(20, { workload: nginx })], toNginx)])
        const store = await filled(t, unnamed, named, unnamed, named)
        assert.deepEqual(await energiesIn(store, nginx), [10, 20])
      })
    })

    describe('sets aside what no store can hold', () => {
      const poison = [
        { why: 'has an energy of NaN J', measurement: measured(20, { energy: joules(Number.NaN) }) },
        { why: 'has an energy of Infinity J', measurement: measured(20, { energy: joules(Infinity) }) },
        { why: 'has a counter of -Infinity J', measurement: measured(20, { counter: joules(-Infinity) }) },
        {
          why: 'has no finite interval',
          measurement: measured(20, { during: { from: instant(-Infinity), to: at(20) } }),
        },
        {
          why: 'ends before it begins',
          measurement: measured(20, { during: { from: at(20), to: at(20) } }),
        },
        {
          why: 'has a NUL character in its container id',
          measurement: measured(20, { containerId: 'c\0' }),
        },
        {
          why: 'has a NUL character in its pod',
          measurement: measured(20, { containerId: 'c2', workload: { ...busybox, pod: 'a\0b' } }),
        },
        {
          why: 'has half a character in its container',
          measurement: measured(20, { containerId: 'c3', workload: { ...busybox, container: 'a\ud83d' } }),
        },
        {
          why: 'has a namespace of 10000 bytes; at most 1024 are kept',
          measurement: measured(20, {
            containerId: 'c4',
            workload: { ...busybox, namespace: 'é'.repeat(5000) },
          }),
        },
      ]

      for (const { why, measurement } of poison) {
        it(`with the reason "${why}", and writes the rest of the batch`, async (t) => {
          const { store } = await create(t)
          const outcome = await store.write(batchOf(measured(10), measurement, measured(30)))
          assert.deepEqual(outcome, {
            written: 2,
            repeated: 0,
            setAside: [{ node: 'node-1', measurement, reason: why }],
          })
          assert.deepEqual(await energiesIn(store, busybox), [10, 30])
        })
      }

      it('all of it at once, each with its own reason, and again', async (t) => {
        const { store } = await create(t)
        const all = batchOf(measured(10), ...poison.map(({ measurement }) => measurement))
        for (const written of [1, 0]) {
          const outcome = await store.write(all)
          assert.deepEqual([outcome.written, outcome.repeated], [written, 1 - written])
          assert.deepEqual(
            outcome.setAside.map(({ reason }) => reason),
            poison.map(({ why }) => why),
          )
        }
      })

      it('and names or gaps that cannot be held do not stand in the way either', async (t) => {
        const { store } = await create(t)
        const badNames = { ...busybox, pod: 'a\0b' }
        const hardly = page([measured(10)], {
          renamings: [
            { containerId: 'c2', workload: badNames },
            { containerId: 'c3', workload: { ...busybox, pod: 'x'.repeat(10_000) } },
            { containerId: '\ud83d', workload: busybox },
          ],
          gaps: [
            gapUntil(10, { containerId: 'c2', workload: badNames }),
            gapUntil(10, { cause: { kind: 'refused', claimedJoules: Infinity } }),
            gapUntil(20),
          ],
        })
        assert.equal((await store.write(batch([hardly]))).written, 1)
        assert.deepEqual(await energiesIn(store, busybox), [10])
        const gaps = await store.gapsWithin({ from: at(20), to: at(20) }, never)
        assert.deepEqual(gaps, [gapUntil(20)])
      })
    })

    describe('keeps gaps', () => {
      const gapsOf = (store: MeasurementStore, from: number, to: number) =>
        store.gapsWithin({ from: at(from), to: at(to) }, never)

      it('and finds those that end in a range, both ends included, oldest first', async (t) => {
        const store = await filled(
          t,
          batch([page([], { gaps: [gapUntil(40), gapUntil(20)] }), page([], { gaps: [gapUntil(30)] })]),
        )
        assert.deepEqual(await gapsOf(store, 20, 30), [gapUntil(20), gapUntil(30)])
        assert.deepEqual(await gapsOf(store, 41, 99), [])
      })

      it('and gives no more than are asked for: the oldest', async (t) => {
        const gaps = [gapUntil(40), gapUntil(20), gapUntil(30)]
        const store = await filled(t, batch([page([], { gaps })]))
        const first = await store.gapsWithin({ from: at(0), to: at(99), most: 2 }, never)
        assert.deepEqual(first, [gapUntil(20), gapUntil(30)])
      })

      it('by the thousand, also when they end together', async (t) => {
        const gaps = Array.from({ length: 5000 }, (_, index) =>
          gapUntil(10 + 10 * Math.floor(index / 3000), { component: `core-${index}` }),
        )
        const store = await filled(t, batch([page([], { gaps })]))
        const found = await gapsOf(store, 0, 99)
        assert.equal(new Set(found.map(({ component }) => component)).size, 5000)
        assert.deepEqual(
          found.map(({ during }) => during.to),
          gaps.map(({ during }) => during.to),
        )
      })

      it('of every cause, and of containers without names', async (t) => {
        const gaps = [
          gapUntil(10),
          gapUntil(20, { cause: { kind: 'vanished' } }),
          gapUntil(30, { cause: { kind: 'refused', claimedJoules: 0.1 + 0.2 } }),
          gapUntil(40, { cause: { kind: 'basis-changed' } }),
          gapUntil(50, { cause: { kind: 'unread-before' } }),
          gapUntil(55, { cause: { kind: 'dropped' } }),
          gapUntil(57, { cause: { kind: 'seam' } }),
          gapUntil(60, { containerId: 'nameless', workload: undefined }),
        ]
        const store = await filled(t, batch([page([], { gaps })]))
        assert.deepEqual(await gapsOf(store, 0, 99), gaps)
      })

      it('apart by node, container, component, beginning and cause', async (t) => {
        const gaps = [
          gapUntil(10),
          gapUntil(10, { containerId: 'c2' }),
          gapUntil(10, { component: 'dram' }),
          gapUntil(10, { during: { from: at(-50), to: at(10) } }),
          gapUntil(10, { cause: { kind: 'vanished' } }),
        ]
        const elsewhere = gapUntil(10, { node: 'node-2' })
        const store = await filled(
          t,
          batch([page([], { gaps }), page([], { node: 'node-2', gaps: [elsewhere] })]),
        )
        assert.equal((await gapsOf(store, 0, 99)).length, 6)
      })
    })

    describe('keeps the state of nodes', () => {
      it('exactly, and only the last one', async (t) => {
        const store = await filled(t, batch([], [stateAt(10)]), batch([], [stateAt(20)]))
        assert.deepEqual(await store.nodeStates(), [stateAt(20)])
      })

      it('of every node, replaced one by one', async (t) => {
        const other = stateAt(15, { node: 'node-2', containers: [], nodeCounters: [] })
        const store = await filled(t, batch([], [stateAt(10), other]), batch([], [stateAt(20)]))
        const states = await store.nodeStates()
        assert.deepEqual(
          new Map(states.map((state) => [state.node, state])),
          new Map([
            ['node-1', stateAt(20)],
            ['node-2', other],
          ]),
        )
      })

      it('with names in it that no sample could bear', async (t) => {
        const [container] = stateAt(10).containers
        assert.ok(container)
        const names = ['a\0b', 'a\ud83d', '\\u0000', '"', '👩‍👧', 'x'.repeat(10_000)]
        const containers = names.map((containerId) => ({
          ...container,
          containerId,
          workload: { ...busybox, pod: containerId },
        }))
        const store = await filled(t, batch([], [stateAt(10, { containers })]))
        assert.deepEqual(await store.nodeStates(), [stateAt(10, { containers })])
      })

      it('of nobody, at first', async (t) => {
        assert.deepEqual(await (await create(t)).store.nodeStates(), [])
      })
    })

    describe('lists the workloads', () => {
      it('that were measured at a time or later, each once, by namespace, pod and container', async (t) => {
        const named = (namespace: string, pod: string, container: string): Workload => ({
          namespace,
          pod,
          container,
        })
        const expected = [
          named('B', 'z', 'z'),
          named('a', 'B', 'z'),
          named('a', 'a', 'B'),
          named('a', 'a', 'a'),
          named('a-b', 'a', 'a'),
          named('ab', 'a', 'a'),
        ]
        const store = await filled(
          t,
          batchOf(
            ...expected
              .toReversed()
              .flatMap((workload) => [
                measured(20, { containerId: JSON.stringify(workload), workload }),
                measured(20, { containerId: `again ${JSON.stringify(workload)}`, workload }),
              ]),
            measured(10, { containerId: 'old', workload: nginx }),
          ),
        )
        assert.deepEqual(await store.workloadsSince(at(20), never), expected)
        assert.deepEqual(await store.workloadsSince(at(10), never), [...expected, nginx])
        assert.deepEqual(await store.workloadsSince(instant(at(20) + 1), never), [])
      })
    })

    it('lists thousands of workloads', async (t) => {
      const workloads = Array.from({ length: 5000 }, (_, index) => ({
        ...busybox,
        pod: `pod-${String(index).padStart(4, '0')}`,
      }))
      const store = await filled(
        t,
        batchOf(...workloads.map((workload) => measured(10, { containerId: workload.pod, workload }))),
      )
      assert.deepEqual(await store.workloadsSince(at(0), never), workloads)
    })

    describe('answers at length', () => {
      const many = Array.from({ length: 5000 }, (_, index) => measured(10 * (index + 1)))

      it('in several portions that are in order and leave nothing out', async (t) => {
        const store = await filled(t, batchOf(...many))
        const portions: (readonly ContainerSample[])[] = []
        for await (const portion of store.samplesOf(busybox, everything, never)) portions.push(portion)
        assert.ok(portions.length > 1, `${portions.length} portions`)
        assert.deepEqual(
          portions.flat().map(({ energy }) => energy),
          many.map(({ energy }) => energy),
        )
        assert.equal((await energiesIn(store, busybox, last(4000))).length, 4000)
      })

      it('also when many samples end together', async (t) => {
        const store = await filled(
          t,
          batchOf(
            ...many.map((measurement, index) =>
              measured(10 + 10 * Math.floor(index / 3000), {
                containerId: `c${index}`,
                energy: measurement.energy,
              }),
            ),
          ),
        )
        const found = await energiesIn(store, busybox)
        assert.deepEqual(
          found.toSorted((a, b) => a - b),
          many.map(({ energy }) => energy),
        )
        assert.equal((await energiesIn(store, busybox, last(1))).length, 2000)
      })

      it('while others write and read', async (t) => {
        const store = await filled(t, batchOf(...many))
        const seen: number[] = []
        for await (const portion of store.samplesOf(busybox, range(at(0), at(50_000)), never)) {
          await store.write(batchOf(measured(60_000 + seen.length)))
          assert.deepEqual(await energiesIn(store, busybox, range(at(10), at(10))), [10])
          seen.push(...portion.map(({ energy }) => energy))
        }
        assert.deepEqual(
          seen,
          many.map(({ energy }) => energy),
        )
      })

      it('until the caller has enough', async (t) => {
        const store = await filled(t, batchOf(...many))
        for await (const portion of store.samplesOf(busybox, everything, never)) {
          assert.equal(portion[0]?.energy, 10)
          break
        }
        assert.equal((await store.write(batchOf(measured(60_000)))).written, 1)
      })

      it('until the caller is gone', async (t) => {
        const store = await filled(t, batchOf(...many))
        const leave = new AbortController()
        const reason = new Error('the caller has gone')
        let seen = 0
        await assert.rejects(async () => {
          for await (const portion of store.samplesOf(busybox, everything, leave.signal)) {
            seen += portion.length
            leave.abort(reason)
          }
        }, reason)
        assert.ok(seen > 0 && seen < 5000, `${seen} samples`)
      })

      it('not at all when the caller had gone before', async (t) => {
        const store = await filled(t, batch([page([measured(10)], { gaps: [gapUntil(10)] })]))
        const reason = new Error('the caller has gone')
        const gone = AbortSignal.abort(reason)
        await assert.rejects(async () => {
          for await (const portion of store.samplesOf(busybox, last(5), gone))
            assert.fail(`${portion.length}`)
        }, reason)
        await assert.rejects(store.workloadsSince(at(0), gone), reason)
        await assert.rejects(store.gapsWithin({ from: at(0), to: at(99) }, gone), reason)
        assert.deepEqual(await energiesIn(store, busybox), [10])
      })
    })

    readsEnergyOfMany(async (t) => (await create(t)).store)

    it('opens with everything it had', async (t) => {
      const { store, reopen } = await create(t)
      if (reopen === undefined) {
        t.skip('nothing outlives the process')
        return
      }
      await store.write(
        batch([page([measured(10, { workload: undefined })], { gaps: [gapUntil(10)] })], [stateAt(10)]),
      )
      const again = await reopen()
      assert.deepEqual(await again.nodeStates(), [stateAt(10)])
      assert.equal((await again.gapsWithin({ from: at(0), to: at(99) }, never)).length, 1)
      const outcome = await again.write(
        batch([
          page([measured(10, { workload: undefined }), measured(20, { workload: nginx })], {
            renamings: [{ containerId: 'c1', workload: nginx }],
          }),
        ]),
      )
      assert.deepEqual([outcome.written, outcome.repeated], [1, 1])
      assert.deepEqual(await energiesIn(again, nginx), [10, 20])
    })

    it('holds what a plain model holds, whatever is written and delivered again', async (t) => {
      const { store } = await create(t)
      await equalsAModel(store)
    })
  })
}
