import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import { eachSpan } from '../../src/energy/clip-spans.ts'
import { sampleFlags } from '../../src/energy/energy-sample.ts'
import type { EnergyQuestion } from '../../src/energy/energy-spans.ts'
import type { LedgerBatch } from '../../src/energy/ledger-page.ts'
import type { MeasurementStore } from '../../src/energy/measurement-store.ts'
import { joules } from '../../src/units.ts'
import { assertSameBins, binsIn } from './energy-bins.ts'
import { at, batch, batchOf, measured, never, page } from './measured.ts'

type Created = {
  readonly store: MeasurementStore
  /** Brings the sums up to date, as of a moment in seconds. */
  readonly makeSums: (nowSecond: number) => Promise<unknown>
}

const question = (from: number, to: number, grainSeconds?: number): EnergyQuestion => ({
  during: { from: at(from), to: at(to) },
  where: {},
  grainSeconds,
})

/** The rows of an answer: grain, beginning after ten o'clock in seconds, joules, seconds covered, samples. */
async function rowsIn(store: MeasurementStore, asked: EnergyQuestion) {
  const rows: (readonly (number | undefined)[])[] = []
  for await (const spans of store.energyWithin(asked, never)) {
    eachSpan(spans, (_, { from, to, joules, samples }) =>
      rows.push([spans.grainSeconds, (from - at(0)) / 1000, joules, (to - from) / 1000, samples]),
    )
  }
  return rows.sort(([, a = 0], [, b = 0]) => a - b)
}

/** What every store does that keeps sums of energy. `create` gives an empty store that nobody else writes to. */
export function keepsSumsOfEnergy(name: string, create: (t: TestContext) => Promise<Created>): void {
  describe(`${name} keeps sums of energy that`, () => {
    /** Ten joules in each ten seconds. */
    const steadily = (from: number, to: number) =>
      batchOf(
        ...Array.from({ length: (to - from) / 10 }, (_, index) =>
          measured(from + 10 * (index + 1), { energy: joules(10) }),
        ),
      )

    it('stand for whole hours and five minutes, with samples at the ends', async (t) => {
      const { store, makeSums } = await create(t)
      await store.write(steadily(0, 7400))
      await makeSums(7500)
      assert.deepEqual(await rowsIn(store, question(-7200, 9000, 3600)), [
        [3600, 0, 3600, 3600, 360],
        [3600, 3600, 3600, 3600, 360],
        ...Array.from({ length: 20 }, (_, index) => [undefined, 7200 + 10 * index, 10, 10, 1]),
      ])
      assert.deepEqual(await rowsIn(store, question(3280, 7210, 3600)), [
        [undefined, 3280, 10, 10, 1],
        [undefined, 3290, 10, 10, 1],
        [300, 3300, 300, 300, 30],
        [3600, 3600, 3600, 3600, 360],
        [undefined, 7200, 10, 10, 1],
      ])
      assert.deepEqual(
        (await rowsIn(store, question(0, 3600, 900))).map(([grain]) => grain),
        Array.from({ length: 12 }, () => 300),
      )
      assert.equal((await rowsIn(store, question(0, 3600, 60))).length, 360)
      assert.equal((await rowsIn(store, question(0, 3600))).length, 360)
    })

    it('divide a sample that reaches over a boundary, and count it where it ends', async (t) => {
      const { store, makeSums } = await create(t)
      const reaching = { during: { from: at(290), to: at(330) }, energy: joules(40), counter: joules(0) }
      await store.write(batchOf(measured(330, reaching)))
      await makeSums(7500)
      assert.deepEqual(await rowsIn(store, question(0, 600, 300)), [
        [300, 0, 10, 10, 0],
        [300, 300, 30, 30, 1],
      ])
      assert.deepEqual(await rowsIn(store, question(0, 3600, 3600)), [[3600, 0, 40, 40, 1]])
    })

    it('divide what is next to nothing, too', async (t) => {
      const { store, makeSums } = await create(t)
      const reaching = { during: { from: at(290), to: at(330) }, energy: joules(Number.MIN_VALUE) }
      await store.write(batchOf(measured(330, reaching)))
      await makeSums(7500)
      const rows = await rowsIn(store, question(0, 600, 300))
      assert.deepEqual(
        rows.map(([, from, of = 1, covered, samples]) => [from, of < 1e-300, covered, samples]),
        [
          [0, true, 10, 0],
          [300, true, 30, 1],
        ],
      )
    })

    it('leave out what is longer than five minutes, which is read as it is', async (t) => {
      const { store, makeSums } = await create(t)
      const outage = measured(9000, { during: { from: at(600), to: at(9000) }, energy: joules(84) })
      await store.write(batchOf(measured(600), outage, measured(9010)))
      await makeSums(90_000)
      assert.deepEqual(await rowsIn(store, question(0, 10_800, 3600)), [
        [3600, 0, 600, 10, 1],
        [undefined, 600, 84, 8400, 1],
        [3600, 7200, 9010, 10, 1],
      ])
    })

    it('are the samples until they are made, and for a minute after their time', async (t) => {
      const { store, makeSums } = await create(t)
      await store.write(steadily(0, 600))
      assert.equal((await rowsIn(store, question(0, 600, 300))).length, 60)
      await makeSums(659)
      assert.equal((await rowsIn(store, question(0, 600, 300))).length, 31)
      await makeSums(660)
      assert.equal((await rowsIn(store, question(0, 600, 300))).length, 2)
    })

    it('are not believed where a sample has come since, and made again', async (t) => {
      const { store, makeSums } = await create(t)
      const c2 = { containerId: 'c2', energy: joules(10) }
      await store.write(steadily(0, 600))
      await store.write(batchOf(measured(10, c2), measured(310, c2)))
      await makeSums(90_000)
      await store.write(batchOf(measured(20, c2)))
      assert.deepEqual(await rowsIn(store, question(0, 600, 300)), [
        [300, 0, 300, 300, 30],
        [undefined, 0, 10, 10, 1],
        [undefined, 10, 10, 10, 1],
        [300, 300, 300, 300, 30],
        [300, 300, 10, 10, 1],
      ])
      assert.equal((await rowsIn(store, question(0, 3600, 3600))).length, 4)
      await makeSums(90_000)
      assert.deepEqual(await rowsIn(store, question(0, 600, 300)), [
        [300, 0, 300, 300, 30],
        [300, 0, 20, 20, 2],
        [300, 300, 300, 300, 30],
        [300, 300, 10, 10, 1],
      ])
      assert.deepEqual(await rowsIn(store, question(0, 3600, 3600)), [
        [3600, 0, 600, 600, 60],
        [3600, 0, 30, 30, 3],
      ])
    })

    it('hold what comes while they are made, and while they are made again', async (t) => {
      const { store, makeSums } = await create(t)
      await store.write(steadily(0, 18_000))
      let written = 18_000
      const writeWhile = async (making: Promise<unknown>) => {
        const over = new AbortController()
        const made = making.finally(() => over.abort())
        for (let more = 0; more < 50 || (!over.signal.aborted && more < 300); more += 1) {
          const second = 5 + 10 * ((37 * written) % 1700)
          const containerId = `c${written}`
          const during = { from: at(second - 1), to: at(second) }
          const outcome = await store.write(
            batchOf(
              measured(second, { containerId: 'c2', energy: joules(1), during }),
              measured(second, { containerId, energy: joules(1) }),
            ),
          )
          written += outcome.written
          await nextTurn()
        }
        await made
      }
      const found = async () => {
        const rows = await rowsIn(store, question(-10, 18_000, 3600))
        return rows.reduce((all, [, , of = 0]) => all + of, 0)
      }
      for (let turn = 0; turn < 3; turn += 1) {
        await writeWhile(makeSums(90_000))
        assert.ok(Math.abs((await found()) - written) < 1e-6, `${await found()} J of ${written} J`)
      }
      await makeSums(90_000)
      assert.ok(Math.abs((await found()) - written) < 1e-6)
      assert.ok((await rowsIn(store, question(0, 18_000, 3600))).every(([grain]) => grain === 3600))
    })

    it('go on after years in which nothing was measured', async (t) => {
      const { store, makeSums } = await create(t)
      const years = 4 * 366 * 86_400
      await store.write(batchOf(measured(-years), measured(10)))
      await makeSums(90_000)
      assert.deepEqual(await rowsIn(store, question(-2 * years, 3600, 3600)), [
        [3600, -years - 3600, -years, 10, 1],
        [3600, 0, 10, 10, 1],
      ])
    })

    it('agree with the samples, whatever comes late or again and whenever they are made', async (t) => {
      const { store, makeSums } = await create(t)
      let run = 0
      await fc.assert(
        fc.asyncProperty(histories, questions, async (history, asked) => {
          run += 1
          const node = `run-${run}`
          const samples = createMemoryStore(1e9)
          // Some run where sums are made as time goes by, others where they have been made of all that time before.
          const began = Math.floor(run / 2) * 1_000_000
          let now = began
          const held: LedgerBatch[] = []
          const written: LedgerBatch[] = []
          for (const { passed, container, lasted, used, flags, happens } of history) {
            now += passed
            const length = Math.min(lasted, Math.max(1, passed))
            const measurement = measured(now, {
              containerId: container,
              workload: container === 'c3' ? undefined : { namespace: 'n', pod: container, container: 'app' },
              during: { from: at(now - length), to: at(now) },
              energy: joules(used),
              flags,
            })
            held.push(batch([page([measurement], { node })]))
            if (happens === 'an outage of the store') continue
            for (const next of happens === 'pages in disorder' ? held.toReversed() : held) {
              await store.write(next)
              await samples.write(next)
              written.push(next)
            }
            held.length = 0
            if (happens === 'a repeated delivery')
              for (const next of written.slice(-5)) await store.write(next)
            if (happens === 'sums are made') await makeSums(now)
          }
          for (const { ends, grainSeconds } of asked) {
            const [from = 0, to = 0] = ends
              .map((share) => Math.round(began + share * (now - began)))
              .sort((a, b) => a - b)
            const asks = { ...question(from, to, grainSeconds), where: { nodes: [node] } }
            assertSameBins(await binsIn(store, asks), await binsIn(samples, asks), JSON.stringify(asks))
          }
        }),
        { numRuns: 40 },
      )
    })
  })
}

const histories = fc.array(
  fc.record({
    passed: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 1, max: 30 }) },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 1000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 20_000 }) },
    ),
    container: fc.constantFrom('c1', 'c2', 'c3'),
    lasted: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 20_000 })),
    used: fc.double({ min: 0, max: 1e9, noNaN: true }),
    flags: fc.subarray([...sampleFlags]),
    happens: fc.constantFrom(
      'nothing',
      'nothing',
      'an outage of the store',
      'pages in disorder',
      'a repeated delivery',
      'sums are made',
    ),
  }),
  { minLength: 5, maxLength: 80 },
)

const share = fc.double({ min: -0.1, max: 1.1, noNaN: true })
const questions = fc.array(
  fc.record({ ends: fc.tuple(share, share), grainSeconds: fc.constantFrom(60, 300, 900, 3600, 86_400) }),
  { minLength: 4, maxLength: 8 },
)
