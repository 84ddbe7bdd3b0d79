import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { measuredFact as fact } from '../../test/measured-fact.ts'
import { type Interval, instant } from '../units.ts'
import type { IntensityFact, IntensityMethod } from './fact.ts'
import { intensityOver, type TimelinePiece, type TimelineQuestion, timelineOf } from './timeline.ts'

const between = (from: number, to: number): Interval => ({ from: instant(from), to: instant(to) })

const asked = (from: number, to: number, more: Partial<TimelineQuestion> = {}): TimelineQuestion => ({
  during: between(from, to),
  asOf: instant(1000),
  signal: 'average',
  ...more,
})

/** Pieces as `[from, to, grams or '?']`. */
const told = (pieces: readonly TimelinePiece[]) =>
  pieces.map((piece) => [
    piece.during.from,
    piece.during.to,
    piece.kind === 'known' ? piece.fact.intensity : '?',
  ])

describe('a timeline', () => {
  it('shows a fact where it holds, and that nothing is known elsewhere', () => {
    assert.deepEqual(told(timelineOf([fact(100, 2, 4)], asked(0, 10))), [
      [0, 2, '?'],
      [2, 4, 100],
      [4, 10, '?'],
    ])
  })

  it('is one unknown piece when there are no facts', () => {
    assert.deepEqual(told(timelineOf([], asked(0, 10))), [[0, 10, '?']])
  })

  it('cuts facts that reach beyond what was asked', () => {
    assert.deepEqual(told(timelineOf([fact(100, -5, 3), fact(200, 3, Infinity)], asked(0, 10))), [
      [0, 3, 100],
      [3, 10, 200],
    ])
  })

  it('may be asked for all time', () => {
    assert.deepEqual(told(timelineOf([fact(100, -Infinity, 3)], asked(-Infinity, Infinity))), [
      [-Infinity, 3, 100],
      [3, Infinity, '?'],
    ])
  })

  it('shows the better fact where two hold, and the other around it', () => {
    const annual: IntensityMethod = { kind: 'annual-average', year: 2025 }
    const facts = [fact(300, -Infinity, Infinity, { method: annual, rank: 1000 }), fact(100, 2, 4)]
    assert.deepEqual(told(timelineOf(facts, asked(0, 10))), [
      [0, 2, 300],
      [2, 4, 100],
      [4, 10, 300],
    ])
  })

  it('lets a configured figure win over every other', () => {
    const override = fact(148, -Infinity, Infinity, { method: { kind: 'configured' }, rank: 0 })
    assert.deepEqual(told(timelineOf([fact(100, 2, 4), override], asked(0, 10))), [[0, 10, 148]])
  })

  it('keeps two facts apart even when their figures are equal', () => {
    assert.equal(timelineOf([fact(100, 0, 5), fact(100, 5, 10)], asked(0, 10)).length, 2)
  })

  it('does not show a fact before it was learned', () => {
    const facts = [fact(100, 0, 10, { learnedAt: instant(20) }), fact(110, 0, 10, { learnedAt: instant(30) })]
    assert.deepEqual(told(timelineOf(facts, asked(0, 10, { asOf: instant(19) }))), [[0, 10, '?']])
    assert.deepEqual(told(timelineOf(facts, asked(0, 10, { asOf: instant(20) }))), [[0, 10, 100]])
    assert.deepEqual(told(timelineOf(facts, asked(0, 10, { asOf: instant(30) }))), [[0, 10, 110]])
  })

  it('mixes neither marginal with average nor direct with life-cycle figures', () => {
    const facts = [
      fact(1, 0, 10, { signal: 'marginal' }),
      fact(2, 0, 10, { basis: 'direct' }),
      fact(3, 0, 10, { basis: 'unstated', rank: 30 }),
    ]
    assert.deepEqual(told(timelineOf(facts, asked(0, 10))), [[0, 10, 3]])
    assert.deepEqual(told(timelineOf(facts, asked(0, 10, { basis: 'direct' }))), [[0, 10, 2]])
    assert.deepEqual(told(timelineOf(facts, asked(0, 10, { signal: 'marginal' }))), [[0, 10, 1]])
  })

  it('of an instant is one empty piece with the fact that holds then', () => {
    const facts = [fact(100, 0, 5), fact(200, 5, 10), fact(300, 5, 5)]
    assert.deepEqual(told(timelineOf(facts, asked(5, 5))), [[5, 5, 200]])
    assert.deepEqual(told(timelineOf(facts, asked(10, 10))), [[10, 10, '?']])
  })

  it('cannot end before it begins', () => {
    assert.throws(() => timelineOf([], asked(2, 1)), RangeError)
    assert.throws(() => timelineOf([], asked(NaN, 1)), RangeError)
  })
})

describe('the intensity over an interval', () => {
  const timeline = timelineOf([fact(100, 0, 5), fact(200, 5, 10), fact(300, 12, 20)], asked(0, 20))

  it('is the fact that holds throughout, exactly', () => {
    const [first] = timeline
    assert.ok(first?.kind === 'known')
    assert.deepEqual(intensityOver(timeline, between(1, 4)), {
      kind: 'known',
      mean: 100,
      shares: [{ fact: first.fact, share: 1 }],
    })
  })

  it('is the time-weighted mean of several, with the share of each', () => {
    const over = intensityOver(timeline, between(4, 8))
    assert.ok(over.kind === 'known')
    assert.equal(over.mean, 175)
    assert.deepEqual(
      over.shares.map(({ fact, share }) => [fact.intensity, share]),
      [
        [100, 0.25],
        [200, 0.75],
      ],
    )
  })

  it('names a fact once that a better one interrupts', () => {
    const interrupted = timelineOf([fact(100, 0, 10, { rank: 30 }), fact(200, 4, 6)], asked(0, 10))
    const over = intensityOver(interrupted, between(0, 10))
    assert.ok(over.kind === 'known')
    assert.deepEqual(
      over.shares.map(({ fact, share }) => [fact.intensity, share]),
      [
        [100, 0.8],
        [200, 0.2],
      ],
    )
  })

  it('is unknown when part of it is, and says how much is known', () => {
    assert.deepEqual(intensityOver(timeline, between(8, 16)), { kind: 'unknown', knownShare: 0.75 })
    assert.deepEqual(intensityOver(timeline, between(10, 12)), { kind: 'unknown', knownShare: 0 })
  })

  it('is unknown beyond the timeline', () => {
    assert.deepEqual(intensityOver(timeline, between(15, 25)), { kind: 'unknown', knownShare: 0.5 })
    assert.deepEqual(intensityOver(timeline, between(-10, 10)), { kind: 'unknown', knownShare: 0.5 })
    assert.deepEqual(intensityOver([], between(0, 1)), { kind: 'unknown', knownShare: 0 })
  })

  it('is, at an instant, the figure of the fact that holds then', () => {
    const at5 = intensityOver(timeline, between(5, 5))
    assert.ok(at5.kind === 'known')
    assert.equal(at5.mean, 200)
    assert.equal(at5.shares[0]?.share, 1)
  })

  it('is unknown at an instant where no fact holds', () => {
    for (const at of [-1, 11, 20]) {
      assert.deepEqual(intensityOver(timeline, between(at, at)), { kind: 'unknown', knownShare: 0 })
    }
  })

  it('can be taken from the timeline of that very instant', () => {
    const ofAnInstant = timelineOf([fact(100, 0, 5)], asked(2, 2))
    assert.equal(intensityOver(ofAnInstant, between(2, 2)).kind, 'known')
    assert.equal(intensityOver(ofAnInstant, between(3, 3)).kind, 'unknown')
  })

  it('does not exist for an infinite or a reversed interval', () => {
    assert.throws(() => intensityOver(timeline, between(0, Infinity)), RangeError)
    assert.throws(() => intensityOver(timeline, between(2, 1)), RangeError)
  })

  it('of equal figures is that figure to the last digit', () => {
    const same = timelineOf([fact(41.2, 0, 1), fact(41.2, 1, 3), fact(41.2, 3, 7)], asked(0, 7))
    const over = intensityOver(same, between(0, 7))
    assert.ok(over.kind === 'known')
    assert.equal(over.mean, 41.2)
  })
})

const methods: readonly IntensityMethod[] = [
  { kind: 'configured' },
  { kind: 'measured' },
  { kind: 'estimated' },
  { kind: 'forecast' },
  { kind: 'annual-average', year: 2025 },
]
const moment = fc.integer({ min: 0, max: 60 })
const end = fc.oneof({ weight: 8, arbitrary: moment }, fc.constantFrom(-Infinity, Infinity))

const anyFact: fc.Arbitrary<IntensityFact> = fc
  .record({
    ends: fc.tuple(end, end).filter(([a, b]) => a !== b),
    grams: fc.integer({ min: 0, max: 900 }),
    method: fc.constantFrom(...methods),
    signal: fc.constantFrom<IntensityFact['signal'][]>('average', 'average', 'average', 'marginal'),
    basis: fc.constantFrom<IntensityFact['basis'][]>('lifecycle', 'lifecycle', 'unstated', 'direct'),
    rank: fc.constantFrom(0, 10, 20),
    learned: fc.integer({ min: 0, max: 5 }),
  })
  .map(({ ends: [a, b], grams, method, signal, basis, rank, learned }) =>
    fact(grams, Math.min(a, b), Math.max(a, b), { method, signal, basis, rank, learnedAt: instant(learned) }),
  )
const anyFacts = fc.array(anyFact, { maxLength: 25 })
const anyQuestion = fc
  .tuple(fc.tuple(end, end), fc.integer({ min: 0, max: 6 }))
  .filter(([[a, b]]) => a !== b)
  .map(([[a, b], asOf]) => asked(Math.min(a, b), Math.max(a, b), { asOf: instant(asOf) }))

function factAt(timeline: readonly TimelinePiece[], at: number): IntensityFact | undefined {
  const piece = timeline.find(({ during }) => during.from <= at && at < during.to)
  return piece?.kind === 'known' ? piece.fact : undefined
}

describe('every timeline', () => {
  it('tiles what was asked, and no two neighbours hold the same fact', () => {
    fc.assert(
      fc.property(anyFacts, anyQuestion, (facts, question) => {
        const pieces = timelineOf(facts, question)
        assert.equal(pieces[0]?.during.from, question.during.from)
        assert.equal(pieces.at(-1)?.during.to, question.during.to)
        pieces.forEach((piece, index) => {
          assert.ok(piece.during.from < piece.during.to)
          const next = pieces[index + 1]
          if (next === undefined) return
          assert.equal(next.during.from, piece.during.to)
          const held = [piece, next].map((each) => (each.kind === 'known' ? each.fact : undefined))
          assert.notEqual(held[0], held[1])
        })
      }),
    )
  })

  it('shows at each instant the best fact of those that hold and are known', () => {
    const placeOf = (method: IntensityMethod) => methods.findIndex(({ kind }) => kind === method.kind)
    fc.assert(
      fc.property(anyFacts, anyQuestion, moment, (facts, question, at) => {
        fc.pre(question.during.from <= at && at < question.during.to)
        const keys = facts
          .filter(({ valid, learnedAt }) => valid.from <= at && at < valid.to && learnedAt <= question.asOf)
          .filter(({ signal, basis }) => signal === 'average' && basis !== 'direct')
          .map(({ rank, method, learnedAt }) => rank * 10_000 + placeOf(method) * 100 - learnedAt)
        const shown = factAt(timelineOf(facts, question), at)
        const shownKey = shown && shown.rank * 10_000 + placeOf(shown.method) * 100 - shown.learnedAt
        assert.equal(shownKey, keys.length === 0 ? undefined : Math.min(...keys))
        assert.ok(shown === undefined || (shown.valid.from <= at && at < shown.valid.to))
      }),
    )
  })

  it('does not depend on the order in which facts are given', () => {
    fc.assert(
      fc.property(anyFacts, anyQuestion, (facts, question) => {
        assert.deepEqual(timelineOf(facts.toReversed(), question), timelineOf(facts, question))
      }),
    )
  })

  it('stays as it was known then when more is learned later', () => {
    fc.assert(
      fc.property(anyFacts, anyFacts, anyQuestion, (facts, later, question) => {
        const learnedLater = later.map((each) => ({ ...each, learnedAt: instant(question.asOf + 1) }))
        assert.deepEqual(timelineOf([...facts, ...learnedLater], question), timelineOf(facts, question))
      }),
    )
  })

  it('keeps its integral when an interval is split', () => {
    const covering = fact(500, -Infinity, Infinity, { rank: 1000 })
    const cuts = fc.uniqueArray(fc.double({ min: 0, max: 60, noNaN: true }), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(anyFacts, cuts, (facts, unordered) => {
        const [from = 0, middle = 0, to = 0] = unordered.toSorted((a, b) => a - b)
        const timeline = timelineOf([...facts, covering], asked(0, 60))
        const integral = (start: number, stop: number) => {
          const over = intensityOver(timeline, between(start, stop))
          assert.ok(over.kind === 'known')
          return over.mean * (stop - start)
        }
        const whole = integral(from, to)
        const parts = integral(from, middle) + integral(middle, to)
        assert.ok(Math.abs(whole - parts) <= 1e-12 * Math.max(1, whole), `${whole} is not ${parts}`)
      }),
    )
  })

  it('gives shares that add up to one, and a mean that they make up', () => {
    const covering = fact(500, -Infinity, Infinity, { rank: 1000 })
    fc.assert(
      fc.property(anyFacts, moment, moment, (facts, a, b) => {
        fc.pre(a !== b)
        const over = intensityOver(
          timelineOf([...facts, covering], asked(0, 60)),
          between(Math.min(a, b), Math.max(a, b)),
        )
        assert.ok(over.kind === 'known')
        const sum = over.shares.reduce((total, { share }) => total + share, 0)
        const made = over.shares.reduce((total, { fact, share }) => total + fact.intensity * share, 0)
        assert.ok(Math.abs(sum - 1) < 1e-12)
        assert.ok(Math.abs(made - over.mean) <= 1e-12 * Math.max(1, made))
        assert.equal(new Set(over.shares.map(({ fact }) => fact)).size, over.shares.length)
      }),
    )
  })
})
