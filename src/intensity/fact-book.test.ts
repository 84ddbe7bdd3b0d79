import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { measuredFact as fact } from '../../test/measured-fact.ts'
import { type Interval, instant } from '../units.ts'
import { createFactBook, type FactBook } from './fact-book.ts'
import { type TimelinePiece, timelineOf } from './timeline.ts'

const between = (from: number, to: number): Interval => ({ from: instant(from), to: instant(to) })

const learned = (at: number) => ({ learnedAt: instant(at) })

/** Pieces as `[from, to, grams or '?']`. */
const told = (pieces: readonly TimelinePiece[]) =>
  pieces.map((piece) => [
    piece.during.from,
    piece.during.to,
    piece.kind === 'known' ? piece.fact.intensity : '?',
  ])

describe('a fact book', () => {
  it('knows nothing at first', () => {
    const book = createFactBook()
    assert.deepEqual(told(book.timeline('DE', between(0, 10), instant(0))), [[0, 10, '?']])
    assert.equal(book.latest('DE', instant(0)), undefined)
    assert.deepEqual(book.zones(), [])
  })

  it('keeps zones apart and lists them', () => {
    const book = createFactBook()
    book.add([fact(20, 0, 10, { zone: 'FR' }), fact(300, 0, 10)])
    assert.deepEqual(told(book.timeline('FR', between(0, 10), instant(0))), [[0, 10, 20]])
    assert.deepEqual(told(book.timeline('DE', between(0, 10), instant(0))), [[0, 10, 300]])
    assert.deepEqual(book.zones(), ['DE', 'FR'])
  })

  it('has for its latest fact the one in force, not the one that ended last', () => {
    const book = createFactBook()
    const annual = fact(300, -Infinity, Infinity, {
      method: { kind: 'annual-average', year: 2025 },
      rank: 1000,
    })
    book.add([annual, fact(100, 0, 10)])
    assert.equal(book.latest('DE', instant(9))?.intensity, 100)
    assert.equal(book.latest('DE', instant(10))?.intensity, 300)
  })

  it('does not know now what it learns later', () => {
    const book = createFactBook()
    book.add([fact(100, 0, 10, learned(5)), fact(110, 0, 10, learned(7))])
    assert.deepEqual(told(book.timeline('DE', between(0, 10), instant(4))), [[0, 10, '?']])
    assert.deepEqual(told(book.timeline('DE', between(0, 10), instant(6))), [[0, 10, 100]])
    assert.equal(book.latest('DE', instant(6))?.intensity, 100)
    assert.equal(book.latest('DE', instant(7))?.intensity, 110)
  })

  it('finds a fact whatever its length, and however many shorter ones there are', () => {
    const book = createFactBook()
    book.add([fact(1, -Infinity, Infinity, { rank: 40 }), fact(2, 0, 1000, { rank: 30 })])
    book.add(Array.from({ length: 100 }, (_, hour) => fact(3, hour * 10, hour * 10 + 5)))
    assert.deepEqual(told(book.timeline('DE', between(990, 1010), instant(0))), [
      [990, 995, 3],
      [995, 1000, 2],
      [1000, 1010, 1],
    ])
  })

  it('refuses a fact that holds for no time or is implausible, and all that came with it', () => {
    const book = createFactBook()
    assert.throws(
      () => book.add([fact(100, 0, 10), fact(100, 5, 5)]),
      /test told a fact about DE that holds for no/,
    )
    assert.throws(
      () => book.add([fact(100, 0, 10), fact(-1, 0, 5)]),
      /test told an intensity of DE that is negative/,
    )
    assert.deepEqual(book.zones(), [])
  })

  it('answers with average life-cycle figures only', () => {
    const book = createFactBook()
    book.add([fact(1, 0, 10, { signal: 'marginal' }), fact(2, 0, 10, { basis: 'direct' })])
    assert.equal(book.latest('DE', instant(0)), undefined)
  })

  it('can forget what ended long ago', () => {
    const book = createFactBook()
    book.add([fact(1, -Infinity, Infinity, { rank: 1000 }), fact(2, 0, 5), fact(3, 5, 10)])
    book.forgetEndedBefore(instant(6))
    assert.deepEqual(told(book.timeline('DE', between(0, 10), instant(0))), [
      [0, 5, 1],
      [5, 10, 3],
    ])
  })
})

/** What one source tells at one moment: pieces side by side, of any lengths, with figures out of few. */
const anyDelivery = fc
  .record({
    start: fc.integer({ min: 0, max: 40 }),
    pieces: fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.constantFrom(100, 200)), {
      minLength: 1,
      maxLength: 6,
    }),
    endless: fc.boolean(),
    rank: fc.constantFrom(20, 21),
  })
  .map(({ start, pieces, endless, rank }) => {
    let from = start
    return pieces.map(([length, grams], index) => {
      const to = endless && index === pieces.length - 1 ? Infinity : from + length
      const told = fact(grams, from, to, { rank })
      from += length
      return told
    })
  })

describe('every fact book', () => {
  it('answers as if each delivery had been kept whole, at any time and as of any time', () => {
    const ends = fc.tuple(fc.integer({ min: -5, max: 90 }), fc.nat(60))
    fc.assert(
      fc.property(
        fc.array(anyDelivery, { maxLength: 8 }),
        ends,
        fc.nat(9),
        (deliveries, [from, length], asOf) => {
          const book = createFactBook()
          const all = deliveries.flatMap((delivery, at) =>
            delivery.map((each) => ({ ...each, ...learned(at) })),
          )
          for (const at of deliveries.keys()) book.add(all.filter((each) => each.learnedAt === at))
          const question = { during: between(from, from + length), asOf: instant(asOf) }
          assert.deepEqual(
            told(book.timeline('DE', question.during, question.asOf)),
            told(timelineOf(all, { ...question, signal: 'average' })),
          )
        },
      ),
    )
  })

  it('answers the same when all is added at once', () => {
    fc.assert(
      fc.property(fc.array(anyDelivery, { maxLength: 8 }), fc.nat(9), (deliveries, asOf) => {
        const all = deliveries.flatMap((delivery, at) =>
          delivery.map((each) => ({ ...each, ...learned(at) })),
        )
        const [oneByOne, atOnce] = [createFactBook(), createFactBook()]
        for (const each of all) oneByOne.add([each])
        atOnce.add(all.toReversed())
        const answer = (book: FactBook) => told(book.timeline('DE', between(-5, 120), instant(asOf)))
        assert.deepEqual(answer(atOnce), answer(oneByOne))
      }),
    )
  })
})
