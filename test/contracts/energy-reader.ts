import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { eachSpan } from '../../src/energy/clip-spans.ts'
import type { EnergyFilter, EnergyQuestion, EnergySeries } from '../../src/energy/energy-spans.ts'
import type { LedgerBatch } from '../../src/energy/ledger-page.ts'
import type { MeasurementStore } from '../../src/energy/measurement-store.ts'
import type { SpanRow } from '../../src/energy/span-columns.ts'
import { joules } from '../../src/units.ts'
import { everyEnergy } from './energy-bins.ts'
import { at, batch, batchOf, busybox, measured, never, nginx, page } from './measured.ts'

function question(from: number, to: number, differing: Partial<EnergyQuestion> = {}): EnergyQuestion {
  return { during: { from: at(from), to: at(to) }, where: {}, grainSeconds: undefined, ...differing }
}

type Found = readonly [EnergySeries, SpanRow]

async function rowsIn(store: MeasurementStore, asked: EnergyQuestion): Promise<readonly Found[]> {
  const rows: Found[] = []
  for await (const spans of store.energyWithin(asked, never)) {
    eachSpan(spans, (series, row) => rows.push([series, { ...row }]))
  }
  return rows.sort(([, a], [, b]) => a.to - b.to || a.joules - b.joules)
}

async function joulesIn(store: MeasurementStore, asked: EnergyQuestion): Promise<readonly number[]> {
  return (await rowsIn(store, asked)).map(([, row]) => row.joules)
}

/** What every store does that is asked for the energy of many containers. */
export function readsEnergyOfMany(create: (t: TestContext) => Promise<MeasurementStore>): void {
  const filled = async (t: TestContext, ...batches: readonly LedgerBatch[]) => {
    const store = await create(t)
    for (const next of batches) await store.write(next)
    return store
  }

  describe('reads the energy of many containers', () => {
    it('as samples, with all that counts of them', async (t) => {
      const lasting = { from: at(3), to: at(20) }
      const store = await filled(
        t,
        batchOf(measured(20, { during: lasting, energy: joules(0.1 + 0.2), flags: ['reset', 'pod-level'] })),
      )
      assert.deepEqual(await rowsIn(store, everyEnergy), [
        [
          { node: 'node-1', workload: busybox },
          { from: at(3), to: at(20), joules: 0.1 + 0.2, samples: 1, flagBits: 65 },
        ],
      ])
    })

    it('that share time with a half-open interval, whole', async (t) => {
      const store = await filled(t, batchOf(measured(10), measured(20), measured(30)))
      assert.deepEqual(await joulesIn(store, question(10, 20)), [20])
      assert.deepEqual(await joulesIn(store, question(9, 21)), [10, 20, 30])
      assert.deepEqual(await joulesIn(store, question(15, 16)), [20])
      assert.deepEqual(await joulesIn(store, question(30, 99)), [])
      assert.deepEqual(await joulesIn(store, question(-99, 0)), [])
      assert.deepEqual(await joulesIn(store, question(15, 15)), [])
    })

    it('that began long before, or ended long after', async (t) => {
      const hours = measured(40_000, { during: { from: at(-40_000), to: at(40_000) }, containerId: 'c2' })
      const store = await filled(t, batchOf(measured(10), hours, measured(50_000)))
      assert.deepEqual(await joulesIn(store, question(0, 10)), [10, 40_000])
      assert.deepEqual(await joulesIn(store, question(-40_000, -39_999)), [40_000])
      assert.deepEqual(await joulesIn(store, question(39_999, 49_995)), [40_000, 50_000])
      assert.deepEqual(await joulesIn(store, question(40_000, 49_990)), [])
    })

    it('also of those whose names nobody has told', async (t) => {
      const unnamed = { workload: undefined }
      const store = await filled(t, batchOf(measured(10, unnamed), measured(20, unnamed)))
      const found = await rowsIn(store, everyEnergy)
      assert.deepEqual(
        found.map(([series, row]) => [series, row.joules]),
        [
          [{ node: 'node-1', workload: undefined }, 10],
          [{ node: 'node-1', workload: undefined }, 20],
        ],
      )
    })

    it('by the names that they bear now', async (t) => {
      const renamed = batch([
        page([measured(20, { workload: nginx })], { renamings: [{ containerId: 'c1', workload: nginx }] }),
      ])
      const store = await filled(t, batchOf(measured(10)), renamed)
      assert.deepEqual(
        (await rowsIn(store, everyEnergy)).map(([{ workload }]) => workload),
        [nginx, nginx],
      )
    })

    it('once, however often they are delivered', async (t) => {
      const twice = batchOf(measured(10), measured(4000, { during: { from: at(10), to: at(4000) } }))
      const store = await filled(t, twice, twice, batchOf(measured(5000)), twice)
      assert.deepEqual(await joulesIn(store, everyEnergy), [10, 4000, 5000])
    })

    it('of those that a filter names', async (t) => {
      const c2 = { containerId: 'c2', workload: nginx }
      const c3 = { containerId: 'c3', workload: { ...busybox, pod: 'another' } }
      const c4 = { containerId: 'c4', workload: undefined }
      const elsewhere = page([measured(50, { containerId: 'c5' })], { node: 'node-2' })
      const store = await filled(
        t,
        batch([page([measured(10), measured(20, c2), measured(30, c3), measured(40, c4)]), elsewhere]),
      )
      const found = (where: EnergyFilter) => joulesIn(store, { ...everyEnergy, where })
      assert.deepEqual(
        await found({ nodes: [], namespaces: [], pods: [], containers: [] }),
        [10, 20, 30, 40, 50],
      )
      assert.deepEqual(await found({ nodes: ['node-2', 'node-3'] }), [50])
      assert.deepEqual(await found({ exceptNodes: ['node-2'] }), [10, 20, 30, 40])
      assert.deepEqual(await found({ namespaces: ['default'] }), [10, 30, 50])
      assert.deepEqual(await found({ namespaces: ['default', 'web'], nodes: ['node-1'] }), [10, 20, 30])
      assert.deepEqual(await found({ pods: ['another', 'nginx-0'] }), [20, 30])
      assert.deepEqual(await found({ containers: ['busybox'], pods: ['busybox-worker'] }), [10, 50])
      assert.deepEqual(await found({ containers: ["' or ''='"] }), [])
      assert.deepEqual(await found({ nodes: ['node-1'], exceptNodes: ['node-1'] }), [])
    })

    describe('at length', () => {
      const many = Array.from({ length: 40 }, (_, scrape) =>
        Array.from({ length: 1000 }, (__, container) =>
          measured(10 * (scrape + 1), { containerId: `c${container}`, energy: joules(1) }),
        ),
      ).flat()

      it('in portions that leave nothing out', async (t) => {
        const store = await filled(t, batchOf(...many))
        let portions = 0
        let rows = 0
        for await (const spans of store.energyWithin(question(0, 400), never)) {
          portions += 1
          rows += spans.length
        }
        assert.equal(rows, many.length)
        assert.ok(portions > 1)
      })

      it('while others write and read', async (t) => {
        const store = await filled(t, batchOf(...many))
        let rows = 0
        for await (const spans of store.energyWithin(question(0, 400), never)) {
          await store.write(batchOf(measured(60_000 + rows)))
          assert.equal((await joulesIn(store, question(0, 10, { where: { nodes: ['node-2'] } }))).length, 0)
          rows += spans.length
        }
        assert.equal(rows, many.length)
      })

      it('until the caller has enough', async (t) => {
        const store = await filled(t, batchOf(...many))
        for await (const spans of store.energyWithin(everyEnergy, never)) {
          assert.ok(spans.length > 0)
          break
        }
        assert.equal((await store.write(batchOf(measured(60_000)))).written, 1)
        assert.deepEqual(await joulesIn(store, question(59_995, 60_000)), [60_000])
      })

      it('until the caller is gone', async (t) => {
        const store = await filled(t, batchOf(...many))
        const leave = new AbortController()
        const reason = new Error('the caller has gone')
        let rows = 0
        await assert.rejects(async () => {
          for await (const spans of store.energyWithin(everyEnergy, leave.signal)) {
            rows += spans.length
            leave.abort(reason)
          }
        }, reason)
        assert.ok(rows > 0 && rows < many.length, `${rows} rows`)
        assert.deepEqual(await joulesIn(store, question(390, 391, { where: { pods: ['none'] } })), [])
      })
    })

    it('not at all when the caller had gone before', async (t) => {
      const store = await filled(t, batchOf(measured(10)))
      const reason = new Error('the caller has gone')
      await assert.rejects(async () => {
        for await (const spans of store.energyWithin(everyEnergy, AbortSignal.abort(reason)))
          assert.fail(`${spans.length}`)
      }, reason)
      assert.deepEqual(await joulesIn(store, everyEnergy), [10])
    })
  })
}
