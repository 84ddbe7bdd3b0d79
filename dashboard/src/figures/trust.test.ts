import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Evidence, trustIn } from './trust.ts'

const ok = { state: 'ok' }
const failing = { state: 'failing' }

function evidence(more: Partial<Evidence> = {}): Evidence {
  return {
    targets: [ok, ok],
    coverage: 1,
    begun: undefined,
    intensity: {
      provenance: [{ intensity_method: 'measured', energy_share: 1 }],
      worstAgeSeconds: 900,
      joulesWithout: 0,
    },
    ...more,
  }
}

const intensityOf = (method: string, share: number, year?: number) => ({
  provenance: [
    {
      intensity_method: method,
      energy_share: share,
      ...(year === undefined ? {} : { intensity_year: year }),
    },
    ...(share < 1 ? [{ intensity_method: 'measured', energy_share: 1 - share }] : []),
  ],
  worstAgeSeconds: null,
  joulesWithout: 0,
})

describe('trust in the figures', () => {
  it('is full when all targets answer, the hour is covered and the intensity is a present one', () => {
    const trust = trustIn(evidence())
    assert.equal(trust.level, 'good')
    assert.deepEqual(
      trust.statements.map(({ words }) => words),
      [
        '2 of 2 targets answer',
        '100\u00A0% of the last hour measured',
        'carbon intensity measured, at most 15\u00A0min old',
      ],
    )
  })

  it('is qualified by a target that fails, a part not covered, an old figure', () => {
    assert.equal(trustIn(evidence({ targets: [ok, failing] })).level, 'care')
    assert.equal(trustIn(evidence({ coverage: 0.9 })).level, 'care')
    const intensity = { ...intensityOf('measured', 1), worstAgeSeconds: 4 * 3600 }
    assert.equal(trustIn(evidence({ intensity })).level, 'care')
  })

  it('is not taken away by having only begun', () => {
    const after = (secondsAgo: number, measuredSeconds: number) =>
      trustIn(evidence({ coverage: measuredSeconds / 3600, begun: { secondsAgo, stepSeconds: 60 } }))
    assert.equal(after(180, 180).level, 'care')
    assert.equal(after(180, 180).statements[1]?.words, 'measured for 3\u00A0min so far')
    assert.equal(after(120, 21).statements[1]?.words, 'measured for 21\u00A0s so far')
    assert.equal(after(1800, 180).level, 'bad')
  })

  it('names an annual average with its year, and the share that rests on it', () => {
    assert.deepEqual(
      trustIn(evidence({ intensity: intensityOf('annual-average', 1, 2024) })).statements.at(-1),
      {
        level: 'care',
        words: 'carbon intensity: annual average 2024',
      },
    )
    assert.deepEqual(
      trustIn(evidence({ intensity: intensityOf('annual-average', 0.25, 2024) })).statements.at(-1),
      {
        level: 'care',
        words: 'carbon intensity: annual average 2024 for 25\u00A0%',
      },
    )
  })

  it('is none where no target answers, most is not covered, or an intensity is missing', () => {
    assert.equal(trustIn(evidence({ targets: [failing] })).verdict, 'Do not rely on these figures')
    assert.equal(trustIn(evidence({ targets: [] })).level, 'bad')
    assert.equal(trustIn(evidence({ coverage: 0.5 })).level, 'bad')
    assert.equal(
      trustIn(evidence({ intensity: { provenance: [], worstAgeSeconds: null, joulesWithout: 5 } })).level,
      'bad',
    )
  })

  it('says nothing about what is not known yet', () => {
    assert.deepEqual(
      trustIn({
        targets: undefined,
        coverage: undefined,
        begun: undefined,
        intensity: undefined,
      }).statements,
      [],
    )
  })
})
