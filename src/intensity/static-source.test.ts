import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gramsPerKilowattHour, instant } from '../units.ts'
import type { IntensityFact } from './fact.ts'
import { SourceError } from './source.ts'
import { createStaticSource } from './static-source.ts'

function fact(zone: string, grams: number, from: number, to: number): IntensityFact {
  return {
    zone,
    valid: { from: instant(from), to: instant(to) },
    intensity: gramsPerKilowattHour(grams),
    source: 'table',
    method: { kind: 'configured' },
    signal: 'average',
    basis: 'unstated',
    rank: 10,
    learnedAt: instant(0),
  }
}

const older = fact('DE', 400, -Infinity, 10)
const newer = fact('DE', 300, 10, 20)
const french = fact('FR', 20, 0, 20)
const source = createStaticSource({
  id: 'table',
  about: {
    name: 'Table',
    url: 'https://example.org/',
    licence: 'CC0-1.0',
    attribution: '',
    signal: 'average',
    basis: 'unstated',
    everySeconds: Number.POSITIVE_INFINITY,
    secondsBetweenRequests: 0,
  },
  facts: [newer, older, french],
})
const { signal } = new AbortController()
const during = (from: number, to: number) => ({ from: instant(from), to: instant(to) })

describe('a static source', () => {
  it('tells about the zones of its facts', () => {
    assert.deepEqual(source.zones(), ['DE', 'FR'])
    assert.equal(source.about.name, 'Table')
  })

  it('has for its latest the fact of a zone that begins last', async () => {
    assert.deepEqual(await source.latest('DE', signal), [newer])
    assert.deepEqual(await source.latest('XX', signal), [])
  })

  it('has for its history the facts of a zone that hold in that time', async () => {
    assert.deepEqual(await source.history('DE', during(0, 10), signal), [older])
    assert.deepEqual(await source.history('DE', during(9, 11), signal), [newer, older])
    assert.deepEqual(await source.history('DE', during(20, 30), signal), [])
    assert.deepEqual(await source.history('XX', during(0, 10), signal), [])
  })

  it('gives up when it is aborted', async () => {
    const aborted = AbortSignal.abort(new Error('stopped'))
    await assert.rejects(source.latest('DE', aborted), /stopped/)
    await assert.rejects(source.history('DE', during(0, 1), aborted), /stopped/)
  })
})

describe('the error of a source', () => {
  it('carries its name and its cause', () => {
    const cause = new Error('connection refused')
    const error = new SourceError({ kind: 'unreachable' }, 'Table is unreachable', { cause })
    assert.equal(String(error), 'SourceError: Table is unreachable')
    assert.equal(error.cause, cause)
  })
})
