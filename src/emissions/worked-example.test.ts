import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { IntensityFact } from '../intensity/fact.ts'
import { timelineOf } from '../intensity/timeline.ts'
import { gramsPerKilowattHour, instant, joules, meanPower } from '../units.ts'
import { emissionOf } from './emission.ts'

const noon = Date.UTC(2026, 10, 24, 12)
const at = (second: number) => instant(noon + second * 1000)

function fact(from: number, to: number, grams: number): IntensityFact {
  return {
    zone: 'DE',
    valid: { from: at(from), to: at(to) },
    intensity: gramsPerKilowattHour(grams),
    source: 'grid',
    method: { kind: 'measured' },
    signal: 'average',
    basis: 'lifecycle',
    rank: 20,
    learnedAt: at(0),
  }
}

describe('the worked example of docs/methodology.md', () => {
  const during = { from: at(0), to: at(10) }
  const energy = joules(36)
  const timeline = timelineOf([fact(-3600, 4, 100), fact(4, 3600, 300)], {
    during,
    asOf: at(60),
    signal: 'average',
  })
  const sample = { node: 'node-a', during, energy, counter: joules(1000), flags: [] }

  it('emits 0.0022 g at a mean of 220 g/kWh', () => {
    const emission = emissionOf(sample, timeline)
    assert.equal(emission.kind, 'known')
    assert.equal(emission.kind === 'known' && Number(emission.emitted.toPrecision(12)), 0.0022)
    assert.equal(emission.kind === 'known' && emission.meanIntensity, 220)
  })

  it('draws 3.6 W', () => {
    assert.equal(meanPower(energy, during), 3.6)
  })
})
