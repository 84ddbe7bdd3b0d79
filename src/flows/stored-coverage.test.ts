import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { TrailSample } from '../energy/counter-trail.ts'
import { type Interval, instant, joules } from '../units.ts'
import { readStoredCoverage } from './stored-coverage.ts'

const never = new AbortController().signal
const app = { namespace: 'shop', pod: 'web-1', container: 'app' }
const between = (from: number, to: number): Interval => ({ from: instant(from), to: instant(to) })

function sample(from: number, to: number, about: Partial<TrailSample> = {}): TrailSample {
  return {
    node: 'n1',
    containerId: 'c1',
    workload: app,
    during: between(from, to),
    energy: joules(1),
    counter: joules(1),
    flags: [],
    ...about,
  }
}

async function coverageOf(samples: readonly TrailSample[], from = 0) {
  const store = {
    async *trailWithin(during: Interval) {
      yield samples.filter(({ during: { to } }) => during.from < to && to <= during.to)
    },
  }
  return await readStoredCoverage(store, instant(from), never)
}

const c1 = { node: 'n1', containerId: 'c1', workload: app }

describe('what a store covers', () => {
  it('is all of a time, a part of it, or nothing', async () => {
    const coverage = await coverageOf([sample(10, 20), sample(20, 30), sample(50, 60)])
    const shares = [
      between(10, 30),
      between(15, 25),
      between(0, 10),
      between(30, 50),
      between(25, 40),
      between(5, 15),
      between(25, 55),
      between(5, 35),
    ].map((during) => coverage.shareOf(c1, during))
    assert.deepEqual(shares, [
      { kind: 'all' },
      { kind: 'all' },
      { kind: 'none' },
      { kind: 'none' },
      { kind: 'part', rest: between(30, 40) },
      { kind: 'part', rest: between(5, 10) },
      { kind: 'part', rest: between(25, 55) },
      { kind: 'part', rest: between(5, 35) },
    ])
  })

  it('is told apart by node and container id, not by name', async () => {
    const coverage = await coverageOf([sample(10, 20)])
    const during = between(10, 20)
    assert.equal(coverage.shareOf({ ...c1, workload: undefined }, during).kind, 'all')
    assert.equal(coverage.shareOf({ ...c1, containerId: 'c2' }, during).kind, 'none')
    assert.equal(coverage.shareOf({ ...c1, node: 'n2' }, during).kind, 'none')
  })

  it('of a pod as a whole covers its containers, and theirs cover the pod', async () => {
    const whole = { ...app, container: '*' }
    const byPod = await coverageOf([sample(10, 20, { containerId: 'uid', workload: whole })])
    assert.equal(byPod.shareOf(c1, between(10, 20)).kind, 'all')
    const byContainer = await coverageOf([sample(10, 20)])
    const pod = { node: 'n1', containerId: 'uid', workload: whole }
    assert.equal(byContainer.shareOf(pod, between(10, 20)).kind, 'all')
    assert.equal(
      byContainer.shareOf({ ...pod, workload: { ...whole, pod: 'web-2' } }, between(10, 20)).kind,
      'none',
    )
  })

  it('of the predecessor covers every container of its names', async () => {
    const old = { node: '', containerId: 'predecessor', flags: ['predecessor'] } as const
    const coverage = await coverageOf([sample(10, 20, old)])
    assert.equal(coverage.shareOf(c1, between(10, 20)).kind, 'all')
    assert.equal(
      coverage.shareOf({ ...c1, workload: { ...app, pod: 'web-2' } }, between(10, 20)).kind,
      'none',
    )
  })

  it('is known of nodes as well', async () => {
    const coverage = await coverageOf([sample(10, 20)])
    assert.ok(coverage.hasSamplesOn('n1', between(15, 16)))
    assert.ok(!coverage.hasSamplesOn('n1', between(20, 30)))
    assert.ok(!coverage.hasSamplesOn('n2', between(15, 16)))
  })

  it('is the same in whatever order the samples come', async () => {
    const starts = fc.uniqueArray(fc.integer({ min: 0, max: 3000 }), { maxLength: 2500 })
    await fc.assert(
      fc.asyncProperty(
        starts,
        fc.integer({ min: 0, max: 3000 }),
        fc.integer({ min: 1, max: 50 }),
        async (all, from, length) => {
          const samples = all.map((start) => sample(start, start + 1))
          const coverage = await coverageOf(samples)
          const during = between(from, from + length)
          const covered = all.filter((start) => from <= start && start < from + length).length
          const kind = covered === 0 ? 'none' : covered === length ? 'all' : 'part'
          assert.equal(coverage.shareOf(c1, during).kind, kind)
          assert.equal(coverage.hasSamplesOn('n1', during), covered > 0)
        },
      ),
      { numRuns: 30 },
    )
  })
})
