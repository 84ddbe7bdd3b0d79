import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gramsPerKilowattHour, instant } from '../units.ts'
import type { IntensityFact } from './fact.ts'
import { createFactBook } from './fact-book.ts'
import type { FactRecord } from './fact-store.ts'
import { recordsToAdd } from './reconcile.ts'

const always = { from: instant(Number.NEGATIVE_INFINITY), to: instant(Number.POSITIVE_INFINITY) }

function fact(zone: string, grams: number, learnedAt: number, source = 'settings'): IntensityFact {
  return {
    zone,
    valid: always,
    intensity: gramsPerKilowattHour(grams),
    source,
    method: { kind: 'configured' },
    signal: 'average',
    basis: 'lifecycle',
    rank: source === 'settings' ? 0 : 1000,
    learnedAt: instant(learnedAt),
  }
}

const told = (said: IntensityFact): FactRecord => ({ kind: 'fact', fact: said })
const withdrawn = (zone: string, at: number): FactRecord => ({
  kind: 'withdrawal',
  withdrawal: { zone, source: 'settings', at: instant(at) },
})
const settings = (...facts: readonly IntensityFact[]) => [{ source: 'settings', facts }]

describe('bringing what is kept up to what a source says now', () => {
  it('keeps the first statement about a zone with the time it was learned', () => {
    assert.deepEqual(recordsToAdd([], settings(fact('DE', 148, 5)), instant(9)), [told(fact('DE', 148, 5))])
  })

  it('adds nothing while the source says the same, whenever it says it', () => {
    assert.deepEqual(recordsToAdd([told(fact('DE', 148, 5))], settings(fact('DE', 148, 8)), instant(9)), [])
  })

  it('withdraws what the source said of a zone when it says something else, learned now', () => {
    const kept = [told(fact('DE', 148, 5)), told(fact('FR', 20, 5))]
    assert.deepEqual(recordsToAdd(kept, settings(fact('DE', 150, 5), fact('FR', 20, 5)), instant(9)), [
      withdrawn('DE', 9),
      told(fact('DE', 150, 9)),
    ])
  })

  it('withdraws what the source says nothing of any more', () => {
    assert.deepEqual(recordsToAdd([told(fact('DE', 148, 5))], settings(), instant(9)), [withdrawn('DE', 9)])
  })

  it('does not withdraw twice, and believes a source that says again what it had withdrawn', () => {
    const kept = [told(fact('DE', 148, 5)), withdrawn('DE', 6)]
    assert.deepEqual(recordsToAdd(kept, settings(), instant(9)), [])
    assert.deepEqual(recordsToAdd(kept, settings(fact('DE', 148, 9)), instant(9)), [told(fact('DE', 148, 9))])
  })

  it('leaves alone what other sources said', () => {
    const kept = [told(fact('DE', 334, 5, 'table'))]
    assert.deepEqual(recordsToAdd(kept, settings(), instant(9)), [])
  })
})

describe('a book with a withdrawal', () => {
  const book = createFactBook()
  book.add([fact('DE', 334, 1, 'table'), fact('DE', 148, 5)])
  book.withdraw({ zone: 'DE', source: 'settings', at: instant(9) })
  const meanAsOf = (asOf: number) => {
    const [piece] = book.timeline('DE', { from: instant(0), to: instant(1) }, instant(asOf))
    return piece?.kind === 'known' ? piece.fact.intensity : undefined
  }

  it('falls back on the next best source from then on', () => {
    assert.equal(meanAsOf(9), 334)
    assert.equal(meanAsOf(100), 334)
  })

  it('still answers as of before with what was believed then', () => {
    assert.equal(meanAsOf(8), 148)
    assert.equal(meanAsOf(4), 334)
  })

  it('believes the source again in what it says from then on', () => {
    book.add([fact('DE', 150, 20)])
    assert.equal(meanAsOf(19), 334)
    assert.equal(meanAsOf(20), 150)
  })
})
