import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { instant } from '../units.ts'
import { createBooksHistory } from './books-history.ts'
import type { NodeBooks } from './node-ledger.ts'

const atSecond = (second: number) => instant(second * 1000)
const between = (from: number, to: number) => ({ from: atSecond(from), to: atSecond(to) })

/** Books that were opened at second 0 and hold as many joules as seconds have passed; twice and thrice for the node. */
function booksAt(second: number, more: Partial<NodeBooks> = {}): NodeBooks {
  return {
    node: 'node-1',
    during: between(0, second),
    basis: 'b',
    containerJoules: second,
    unnamedJoules: 0,
    containerIdleJoules: 0,
    nodeActiveJoules: 2 * second,
    nodeIdleJoules: 3 * second,
    ...more,
  }
}

function historyOf(...books: readonly NodeBooks[]) {
  const history = createBooksHistory(3600)
  for (const each of books) history.note(each)
  return history
}

describe('the history of the books', () => {
  it('tells what they advanced between the scrapes of a window', () => {
    const history = historyOf(booksAt(0), booksAt(10), booksAt(20), booksAt(30))
    assert.deepEqual(history.advance('node-1', between(10, 30)), {
      during: between(10, 30),
      containerJoules: 20,
      nodeActiveJoules: 40,
      nodeIdleJoules: 60,
    })
    assert.deepEqual(history.advance('node-1', between(15, 29))?.during, between(10, 20))
  })

  it('tells the later part of a window that begins before it', () => {
    const history = historyOf(booksAt(100), booksAt(110))
    assert.deepEqual(history.advance('node-1', between(0, 200))?.during, between(100, 110))
  })

  it('tells nothing of fewer than two scrapes, and of nodes that it does not know', () => {
    const history = historyOf(booksAt(0), booksAt(10))
    assert.equal(history.advance('node-1', between(10, 20)), undefined)
    assert.equal(history.advance('node-1', between(-20, -10)), undefined)
    assert.equal(history.advance('node-2', between(0, 20)), undefined)
    assert.deepEqual(history.nodes(), ['node-1'])
  })

  it('begins anew with books that were opened anew', () => {
    const history = historyOf(booksAt(0), booksAt(10), booksAt(30, { during: between(20, 30) }))
    assert.equal(history.advance('node-1', between(0, 40)), undefined)
  })

  it('forgets what is too old, what is too much, and nodes that are gone', () => {
    const history = historyOf(booksAt(0), booksAt(10), booksAt(3605))
    assert.deepEqual(history.advance('node-1', between(0, 4000))?.during, between(10, 3605))
    const busy = historyOf(...Array.from({ length: 1500 }, (_, second) => booksAt(second)))
    assert.deepEqual(busy.advance('node-1', between(0, 4000))?.during, between(500, 1499))
    busy.forgetNodesBefore(atSecond(1499))
    assert.deepEqual(busy.nodes(), ['node-1'])
    busy.forgetNodesBefore(atSecond(1500))
    assert.deepEqual(busy.nodes(), [])
  })

  it('agrees with a plain list of scrapes', () => {
    const seconds = fc.uniqueArray(fc.nat(2000), { minLength: 2, maxLength: 60 })
    fc.assert(
      fc.property(seconds, fc.nat(2000), fc.nat(2000), (given, from, to) => {
        const scrapes = given.toSorted((a, b) => a - b)
        const history = historyOf(...scrapes.map((second) => booksAt(second)))
        const first = scrapes.findLast((second) => second <= from) ?? scrapes[0] ?? 0
        const last = scrapes.findLast((second) => second <= to)
        const expected = last === undefined || last <= first ? undefined : between(first, last)
        assert.deepEqual(history.advance('node-1', between(from, to))?.during, expected)
      }),
    )
  })
})
