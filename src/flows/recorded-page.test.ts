import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { at, measured, page } from '../../test/contracts/measured.ts'
import { measuredFact } from '../../test/measured-fact.ts'
import { createFactBook } from '../intensity/fact-book.ts'
import { createRecordedPage } from './recorded-page.ts'

describe('a recorded page', () => {
  const intensities = createFactBook()
  intensities.add([
    measuredFact(100, at(0), at(100), { learnedAt: at(0) }),
    measuredFact(200, at(0), at(100), { learnedAt: at(50) }),
  ])
  const measurements = [
    measured(20),
    measured(20, { during: { from: at(5), to: at(20) }, containerId: 'c2' }),
  ]
  const meanAt = (second: number) => {
    const { intensity } = createRecordedPage(page(measurements), { intensities, knownAt: at(second) })
    const mean = intensity('DE', { from: at(10), to: at(20) })
    return mean.kind === 'known' ? mean.mean : mean.kind
  }

  it('knows intensities as they were known when it was recorded', () => {
    assert.deepEqual([meanAt(-1), meanAt(49), meanAt(50)], ['unknown', 100, 200])
  })

  it('asks for the time of a zone once, whole', () => {
    const asked: unknown[] = []
    const { intensity } = createRecordedPage(page(measurements), {
      intensities: {
        timeline(zone, during, asOf) {
          asked.push([zone, during.from, during.to, asOf])
          return intensities.timeline(zone, during, asOf)
        },
      },
      knownAt: at(30),
    })
    for (const { during } of [...measurements, ...measurements]) intensity('DE', during)
    assert.deepEqual(asked, [['DE', at(5), at(20), at(30)]])
  })

  it('tells intervals apart that begin together', () => {
    const { intensity } = createRecordedPage(page(measurements), { intensities, knownAt: at(30) })
    assert.equal(intensity('DE', { from: at(10), to: at(20) }).kind, 'known')
    assert.equal(intensity('DE', { from: at(10), to: at(21) }).kind, 'unknown')
    assert.equal(intensity('DE', { from: at(10), to: at(20) }).kind, 'known')
  })
})
