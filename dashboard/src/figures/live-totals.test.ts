import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type NodeRate, nothingLive, withScrape } from './live-totals.ts'

const intervalSeconds = 10

function rate(target: string, second: number, watts: number, grams: number | null = watts): NodeRate {
  return { target, node: 'node', at: second * 1000, watts, gramsPerHour: { DE: grams } }
}

function after(...rates: readonly NodeRate[]) {
  return rates.reduce((totals, each) => withScrape(totals, each, intervalSeconds), nothingLive)
}

describe('the live totals', () => {
  it('are the latest scrapes of all nodes together', () => {
    const { history } = after(rate('a', 0, 5), rate('b', 1, 7), rate('a', 10, 6), rate('b', 11, 7))
    assert.deepEqual(history, [
      { at: 1000, targets: 2, watts: 12, gramsPerHour: { DE: 12 } },
      { at: 11_000, targets: 2, watts: 13, gramsPerHour: { DE: 13 } },
    ])
  })

  it('leave a node out that was not heard of for three intervals', () => {
    const { history } = after(
      rate('a', 0, 5),
      rate('b', 0, 7),
      rate('b', 10, 7),
      rate('b', 20, 7),
      rate('b', 31, 7),
    )
    assert.deepEqual(
      history.map(({ watts }) => watts),
      [12, 12, 12, 7],
    )
  })

  it('are not known in a zone where they are not for one node', () => {
    assert.deepEqual(after(rate('a', 0, 5), rate('b', 0, 7, null)).history.at(-1)?.gramsPerHour, { DE: null })
  })

  it('remember an hour and a half at most', () => {
    const { history } = after(...Array.from({ length: 700 }, (_, at) => rate('a', at * 10, at)))
    assert.equal(history.length, 540)
    assert.equal(history.at(-1)?.watts, 699)
  })
})
