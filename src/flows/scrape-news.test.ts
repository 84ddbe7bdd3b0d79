import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { at, measured, page } from '../../test/contracts/measured.ts'
import { measuredFact } from '../../test/measured-fact.ts'
import { emissionOf } from '../emissions/emission.ts'
import type { LedgerPage } from '../energy/ledger-page.ts'
import { createFactBook } from '../intensity/fact-book.ts'
import { instant, joules } from '../units.ts'
import { createRecordedPage } from './recorded-page.ts'
import type { ScrapeEvent } from './scrape-energy.ts'
import { newsOf } from './scrape-news.ts'

const target = 'http://node-1:28282/metrics'

/** 100 g/kWh until the tenth second, 300 from then on; measured, but estimated from the twentieth. */
const facts = [
  measuredFact(100, at(-100), at(10)),
  measuredFact(300, at(10), at(20)),
  measuredFact(300, at(20), at(100), { method: { kind: 'estimated' } }),
]

function newsOfPage(recordedPage: LedgerPage, known = facts) {
  const intensities = createFactBook()
  intensities.add(known)
  const recorded = createRecordedPage(recordedPage, { intensities, knownAt: at(60) })
  const event: ScrapeEvent = {
    kind: 'recorded',
    target,
    node: 'node-1',
    entry: {
      kind: 'recorded',
      isBaseline: false,
      during: { from: at(10), to: at(20) },
      resets: 0,
      started: 0,
      reappeared: 0,
      refused: 0,
      page: recordedPage,
    },
  }
  const news = newsOf(event, { recorded, now: at(21) })
  assert.ok(news?.kind === 'scrape')
  return news
}

describe('the news of a scrape', () => {
  it('are its energy, its power and what it emitted in any zone', () => {
    const news = newsOfPage(
      page([measured(20, { energy: joules(36) }), measured(20, { energy: joules(72), containerId: 'c2' })]),
    )
    assert.deepEqual([news.target, news.node, news.containers], [target, 'node-1', 2])
    assert.deepEqual([news.energy, news.meanPower], [108, 10.8])
    // 108 J / 3.6e6 J/kWh x 300 g/kWh, and 360 times that in an hour.
    const { emitted, gramsPerHour, methods } = news.emissionsIn('DE')
    assert.deepEqual([emitted?.toPrecision(9), gramsPerHour?.toPrecision(9)], ['0.00900000000', '3.24000000'])
    assert.deepEqual(methods, ['measured'])
  })

  it('make no peak of a container that had been missed: its power is over its own time', () => {
    const missed = { during: { from: at(0), to: at(20) }, energy: joules(40), containerId: 'c2' }
    const news = newsOfPage(page([measured(20, { energy: joules(10) }), measured(20, missed)]))
    assert.deepEqual([news.energy, news.meanPower], [50, 3])
    // 1 W at 300 g/kWh and 2 W at the mean of 100 and 300, for an hour each.
    assert.equal(news.emissionsIn('DE').gramsPerHour?.toPrecision(9), '0.700000000')
  })

  it('name every method by which the figures came about', () => {
    const long = { during: { from: at(10), to: at(30) } }
    assert.deepEqual(newsOfPage(page([measured(30, long)])).emissionsIn('DE').methods, [
      'measured',
      'estimated',
    ])
  })

  it('give no grams where no intensity is known, and those that are known where some is', () => {
    const unknown = newsOfPage(page([measured(20)])).emissionsIn('FR')
    assert.deepEqual(unknown, { emitted: undefined, gramsPerHour: undefined, methods: [] })
    const early = { during: { from: at(-200), to: at(20) }, containerId: 'c2' }
    const some = newsOfPage(page([measured(20, { energy: joules(36) }), measured(20, early)]))
    assert.equal(some.emissionsIn('DE').emitted?.toPrecision(9), '0.00300000000')
  })

  it('are of nothing for the first scrape of a node, which counts nothing', () => {
    const news = newsOfPage(page([]))
    assert.deepEqual([news.energy, news.meanPower, news.containers], [0, 0, 0])
    assert.deepEqual(news.emissionsIn('FR'), { emitted: 0, gramsPerHour: 0, methods: [] })
  })

  it('hold the sum of what the samples of the page emit, one by one', () => {
    const second = fc.integer({ min: -90, max: 19 })
    const some = fc.array(fc.tuple(second, fc.double({ min: 0, max: 1e6, noNaN: true })), { maxLength: 20 })
    const intensities = createFactBook()
    intensities.add(facts)
    const timeline = intensities.timeline('DE', { from: at(-100), to: at(100) }, at(60))
    fc.assert(
      fc.property(some, (given) => {
        const measurements = given.map(([from, energy], index) =>
          measured(20, {
            during: { from: at(from), to: at(20) },
            energy: joules(energy),
            containerId: `c${index}`,
          }),
        )
        const emitted = newsOfPage(page(measurements)).emissionsIn('DE').emitted ?? Number.NaN
        const expected = measurements.reduce((sum, measurement) => {
          const emission = emissionOf({ node: 'node-1', ...measurement }, timeline)
          return sum + (emission.kind === 'known' ? emission.emitted : Number.NaN)
        }, 0)
        assert.ok(Math.abs(emitted - expected) <= 1e-12 * expected, `${emitted} instead of ${expected}`)
      }),
    )
  })
})

describe('other events', () => {
  const about = { recorded: undefined, now: at(5) }

  it('are news when a scrape failed, or when nothing of a node could be taken', () => {
    assert.deepEqual(newsOf({ kind: 'failed', target, failure: 'timed-out', message: 'too slow' }, about), {
      kind: 'failure',
      at: at(5),
      target,
      failure: 'timed-out',
      message: 'too slow',
    })
    const claimed = newsOf({ kind: 'node-claimed-twice', target, node: 'n', by: 'http://b' }, about)
    assert.deepEqual(claimed?.kind === 'failure' && [claimed.failure, claimed.message], [
      'node-claimed-twice',
      'it answers for node "n", which http://b already counts in another way',
    ])
  })

  it('are none', () => {
    const stale = { kind: 'stale', at: instant(1), last: instant(2) } as const
    assert.equal(newsOf({ kind: 'recorded', target, node: 'n', entry: stale }, about), undefined)
    const scrape = { dialect: '', nodes: [], unreadLines: { count: 0, first: [] }, notes: [], bytes: 0 }
    assert.equal(newsOf({ kind: 'scraped', target, seconds: 1, scrape }, about), undefined)
  })
})
