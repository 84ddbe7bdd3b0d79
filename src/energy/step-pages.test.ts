import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Instant, instant, joules } from '../units.ts'
import type { SampleFlag } from './energy-sample.ts'
import type { LedgerPage, Measurement } from './ledger-page.ts'
import { pagesPerStep } from './step-pages.ts'

const at = (second: number): Instant => instant(second * 1000)

function measured(
  from: number,
  to: number,
  about: { readonly energy?: number; readonly flags?: readonly SampleFlag[]; readonly id?: string } = {},
): Measurement {
  const { energy = to - from, flags = [], id = 'c1' } = about
  return {
    containerId: id,
    workload: undefined,
    during: { from: at(from), to: at(to) },
    energy: joules(energy),
    counter: joules(to),
    flags,
  }
}

function pageOf(measurements: readonly Measurement[]): LedgerPage {
  return {
    node: 'n1',
    at: measurements[0]?.during.to ?? at(0),
    measurements,
    renamings: [],
    gaps: [],
  }
}

describe('pages per step', () => {
  it('add up the measurements of a container that end within one step, its end included', () => {
    const pages = [measured(50, 60), measured(60, 70), measured(70, 120), measured(120, 130)].map((one) =>
      pageOf([one]),
    )
    assert.deepEqual(
      pagesPerStep(pages, 60).flatMap(({ measurements }) => measurements),
      [measured(50, 60), { ...measured(60, 120), energy: joules(60) }, measured(120, 130)],
    )
  })

  it('keep the last counter, and every flag once', () => {
    const pages = [
      pageOf([measured(0, 10, { flags: ['started'] })]),
      pageOf([measured(10, 20, { flags: ['reset', 'gap'] })]),
      pageOf([measured(20, 30, { flags: ['reset'] })]),
    ]
    const [joined] = pagesPerStep(pages, 60).flatMap(({ measurements }) => measurements)
    assert.equal(joined?.counter, 30)
    assert.deepEqual(joined?.flags, ['reset', 'started', 'gap'])
  })

  it('never reach over a time in which the container was not measured', () => {
    const pages = [pageOf([measured(0, 10)]), pageOf([measured(20, 30)])]
    assert.deepEqual(
      pagesPerStep(pages, 60).flatMap(({ measurements }) => measurements),
      [measured(0, 10), measured(20, 30)],
    )
  })

  it('keep the energy, the names and the gaps, whatever the step', () => {
    const seconds = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 2 })
    fc.assert(
      fc.property(seconds, fc.integer({ min: 1, max: 400 }), (ends, step) => {
        const ordered = ends.toSorted((a, b) => a - b)
        const workload = { namespace: 'a', pod: 'b', container: 'c' }
        const pages = ordered.slice(1).map((end, index) => ({
          ...pageOf([measured(ordered[index] ?? 0, end)]),
          renamings: [{ containerId: 'c1', workload }],
        }))
        const joined = pagesPerStep(pages, step)
        const energy = joined
          .flatMap(({ measurements }) => measurements)
          .reduce((sum, one) => sum + one.energy, 0)
        assert.equal(energy, (ordered.at(-1) ?? 0) - (ordered[0] ?? 0))
        assert.equal(joined.flatMap(({ renamings }) => renamings).length, pages.length)
        for (const page of joined) assert.equal(page.at, page.measurements.at(-1)?.during.to)
      }),
    )
  })
})
