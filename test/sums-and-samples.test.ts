import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, it } from 'node:test'
import { openSqliteStore } from '../src/adapters/sqlite/sqlite-store.ts'
import { createGrouping } from '../src/emissions/grouping.ts'
import { ownersFromPodNames } from '../src/energy/owner-from-pod-name.ts'
import type { EnergyReading } from '../src/flows/read-energy.ts'
import { createEmissionsSummer, type SummedEmissions } from '../src/flows/sum-emissions.ts'
import { createFactBook } from '../src/intensity/fact-book.ts'
import { usualSeries } from '../src/intensity/preference.ts'
import { instant, joules } from '../src/units.ts'
import { at, batchOf, busybox, measured, never, nginx } from './contracts/measured.ts'
import { temporaryDirectory } from './contracts/temporary-directory.ts'
import { measuredFact } from './measured-fact.ts'

const hour = 3600
const hours = 26

/** Samples of some ten seconds that reach over every bound there is, and one that covers an outage of an hour. */
const samples = [busybox, nginx].flatMap((workload, container) => {
  const found = []
  const moment = (tenths: number) => instant(at(0) + 100 * tenths)
  let from = container * 3
  for (let sample = 0; from < hours * hour * 10; sample += 1) {
    const to = from + (sample === 400 ? hour * 10 : 95 + ((sample * 7919) % 13))
    const during = { from: moment(from), to: moment(to) }
    const energy = joules(20 + ((sample * 104_729) % 997) / 10)
    found.push(measured(0, { containerId: `c${container}`, workload, during, energy, counter: joules(0) }))
    from = to
  }
  return found
})

const facts = ['DE', 'FR'].flatMap((zone, offset) =>
  Array.from({ length: 4 * hours }, (_, quarter) =>
    measuredFact(100 + ((37 * quarter) % 700) + offset, at(quarter * 900), at((quarter + 1) * 900), { zone }),
  ),
)

describe('what is worked out with the sums that a store keeps', () => {
  it('is what is worked out with its samples, one by one', async (t) => {
    const file = path.join(await temporaryDirectory(t), 'co2-api.sqlite')
    const now = () => at(2 * hours * hour)
    await using store = await openSqliteStore({ path: file, retentionDays: undefined, now })
    await store.write(batchOf(...samples))
    await store.makeSums(never)
    const intensities = createFactBook()
    intensities.add(facts)

    async function summed(
      by: 'sums' | 'samples',
      more: { readonly step?: number; readonly annual?: boolean },
    ) {
      const reading: EnergyReading = {
        warnings: [],
        energyWithin: (question, signal) =>
          store.energyWithin(by === 'sums' ? question : { ...question, grainSeconds: undefined }, signal),
      }
      const sum = createEmissionsSummer({
        readEnergy: () => reading,
        intensities,
        pause: async () => {},
      })
      const answer = await sum(
        {
          during: { from: at(1234), to: at(hours * hour - 777) },
          where: {},
          grouping: createGrouping({
            dimensions: ['namespace'],
            workloads: [],
            owners: ownersFromPodNames,
          }),
          stepSeconds: more.step,
          zones: more.annual === true ? [] : ['DE', 'FR'],
          asOf: instant(Infinity),
          series: usualSeries,
          isDetailed: true,
        },
        never,
      )
      assert.ok(answer.kind === 'summed')
      return answer
    }

    for (const [more, resolution] of [
      [{}, 300],
      [{ step: 900 }, 300],
      [{ step: hour, annual: true }, 3600],
      [{ step: 60 }, undefined],
    ] as const) {
      const [bySums, bySamples] = [await summed('sums', more), await summed('samples', more)]
      assert.equal(bySums.resolutionSeconds, resolution)
      assert.equal(bySamples.resolutionSeconds, undefined)
      assert.equal(bySums.samples, bySamples.samples)
      assertAlike(bySums, bySamples)
    }
  })
})

function assertAlike(a: SummedEmissions, b: SummedEmissions): void {
  assert.deepEqual(a.steps, b.steps)
  for (const sums of ['groups', 'total'] as const) {
    for (let group = 0; group < b[sums].groups; group += 1) {
      for (let step = 0; step < b.steps.length - 1; step += 1) {
        almostEqual(a[sums].energy({ group, step }), b[sums].energy({ group, step }))
        for (const zone of b.zones.keys())
          almostEqual(a[sums].grams({ group, zone, step }), b[sums].grams({ group, zone, step }))
      }
      const measuredMs = b[sums].measuredMs({ group })
      assert.ok(Math.abs(a[sums].measuredMs({ group }) - measuredMs) <= 1e-6 * measuredMs)
    }
  }
}

function almostEqual(actual: number | undefined, expected: number | undefined): void {
  if (expected === undefined) return assert.equal(actual, undefined)
  const difference = Math.abs((actual ?? Number.NaN) - expected)
  assert.ok(difference <= 1e-9 * Math.abs(expected) + 1e-9, `${actual} is not ${expected}`)
}
