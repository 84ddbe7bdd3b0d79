import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { anyStep, joulesPerMicrojoule, play } from '../../test/energy-story.ts'
import { instant } from '../units.ts'

/** The law: the joules of all samples add up to what the hardware used, less what was lost in recorded gaps. */

/** A reading is a double: a difference of two readings is as exact as they are, which is 2^-52 of their size. */
const readingRounding = 200 * Number.EPSILON * 1000 * 60

function almostEqual(actual: number, expected: number, what: string): void {
  const tolerance = 1e-9 * Math.abs(expected) + readingRounding
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual} instead of ${expected}`)
}

describe('energy is conserved', () => {
  it('through late, missed, reset, restarted (the exporter or the service), vanished, duplicated, renamed and re-used containers, less the recorded gaps', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { minLength: 1, maxLength: 60 }), (steps) => {
        const { hardware, counted, gapsOf } = play(steps)
        const lost = [...hardware.lost.values()].reduce((sum, microjoules) => sum + microjoules, 0)
        const expected = (hardware.usedMicrojoules - lost) * joulesPerMicrojoule
        almostEqual(counted, expected, 'the samples')
        for (const container of hardware.lost.keys()) {
          assert.ok(gapsOf.has(container), `energy of ${container} was lost without a recorded gap`)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('in the samples as in the books, for all containers that have a name in the end', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { minLength: 1, maxLength: 60 }), (steps) => {
        const { ledger } = play(steps.filter((step) => step.do !== 'restart-service'))
        const range = { kind: 'range', from: instant(0), to: instant(1e15) } as const
        let sampled = 0
        for (const workload of ledger.workloads()) {
          const samples = ledger.samplesOf(workload, range)
          sampled += samples.reduce((sum, { energy }) => sum + energy, 0)
        }
        const books = ledger.books()[0]
        almostEqual(sampled + (books?.unnamedJoules ?? 0), books?.containerJoules ?? 0, 'samples and unnamed')
      }),
      { numRuns: 500 },
    )
  })

  it('and the samples of one container never overlap', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { minLength: 1, maxLength: 60 }), (steps) => {
        const { hardware, ledger } = play(steps.filter((step) => step.do !== 'name' && step.do !== 'start'))
        const range = { kind: 'range', from: instant(0), to: instant(1e15) } as const
        const samples = ledger.samplesOf(
          { namespace: 'n', pod: hardware.containers[0]?.name ?? '', container: 'c' },
          range,
        )
        samples.forEach(({ during }, at) => {
          assert.ok(during.from < during.to)
          const before = samples[at - 1]
          if (before !== undefined) assert.ok(before.during.to <= during.from)
        })
      }),
      { numRuns: 500 },
    )
  })
})
