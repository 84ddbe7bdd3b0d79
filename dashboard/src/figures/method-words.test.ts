import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isStandIn, methodOf, methodWords, provenanceWords } from './method-words.ts'

const part = (intensity_method: string, energy_share: number, intensity_year?: number) => ({
  intensity_method,
  energy_share,
  ...(intensity_year === undefined ? {} : { intensity_year }),
})

describe('the words for a method', () => {
  it('never leave out the year of an annual average', () => {
    assert.equal(methodWords(methodOf('annual-average'), 2024), 'annual average 2024')
    assert.equal(methodWords(methodOf('configured')), 'set by the operator')
    assert.equal(methodWords(methodOf(null)), 'not known')
    assert.equal(methodWords(methodOf('guessed')), 'not known')
  })

  it('are those of the least certain one where several count', () => {
    assert.equal(methodOf('measured, annual-average'), 'annual-average')
    assert.equal(isStandIn(methodOf('measured, forecast')), true)
    assert.equal(isStandIn(methodOf('measured')), false)
  })

  it('say with the share what a sum rests on', () => {
    assert.equal(provenanceWords([part('measured', 1)]), 'measured')
    assert.equal(
      provenanceWords([part('annual-average', 0.08, 2024), part('measured', 0.5), part('measured', 0.42)]),
      'measured 92\u00A0%, annual average 2024 8.0\u00A0%',
    )
    assert.equal(provenanceWords([]), 'not known')
  })
})
