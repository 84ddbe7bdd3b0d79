import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readingsOf } from '../../test/counter-readings.ts'
import { instant } from '../units.ts'
import type { TargetScrape } from './energy-source.ts'
import { createScrapeHealth, staleAfterSeconds } from './scrape-health.ts'

const atSecond = (second: number) => instant(second * 1000)
const a = 'http://node-a:28282/metrics'
const b = 'http://node-b:28282/metrics'

function scraped(more: Partial<TargetScrape> = {}): TargetScrape {
  return {
    dialect: 'current',
    nodes: [
      {
        node: 'node-a',
        at: atSecond(0),
        basis: 'current/container/package',
        level: 'container',
        readings: readingsOf([]),
        nodeReadings: [],
        unreadLines: 0,
      },
    ],
    unreadLines: { count: 0, first: [] },
    notes: [],
    bytes: 1000,
    ...more,
  }
}

const unreachable = (second: number) => ({
  at: atSecond(second),
  failure: 'unreachable' as const,
  message: `${a} is unreachable: connection refused`,
})

describe('the health of scraping', () => {
  it('is not ready before the first success, and says so', () => {
    const health = createScrapeHealth([a], 10)
    assert.deepEqual(health.reasonsNotReady(atSecond(0)), [`${a} has not been scraped successfully yet.`])
    assert.deepEqual(health.warnings(atSecond(0)), [])
    assert.deepEqual([health.lastSuccessAt, health.lastFailureAt], [undefined, undefined])
  })

  it('says why there was no success yet', () => {
    const health = createScrapeHealth([a], 10)
    health.failed(a, unreachable(10))
    assert.deepEqual(health.reasonsNotReady(atSecond(11)), [
      `${a} has not been scraped successfully yet. Last failure: ${a} is unreachable: connection refused`,
    ])
    assert.equal(health.lastFailureAt, atSecond(10))
  })

  it('is ready from the first success on', () => {
    const health = createScrapeHealth([a], 10)
    health.succeeded(a, atSecond(10), scraped())
    assert.deepEqual(health.reasonsNotReady(atSecond(10)), [])
    assert.deepEqual(health.warnings(atSecond(10)), [])
    assert.equal(health.lastSuccessAt, atSecond(10))
  })

  it('is ready until three intervals and five seconds after the last success, to the millisecond', () => {
    assert.equal(staleAfterSeconds(10), 35)
    const health = createScrapeHealth([a], 10)
    health.succeeded(a, atSecond(100), scraped())
    assert.deepEqual(health.reasonsNotReady(atSecond(135)), [])
    assert.equal(health.reasonsNotReady(atSecond(135.001)).length, 1)
  })

  it('says how old the last success is and what failed since', () => {
    const health = createScrapeHealth([a], 10)
    health.succeeded(a, atSecond(100), scraped())
    assert.deepEqual(health.reasonsNotReady(atSecond(142.3)), [
      `${a} was last scraped 42.3 s ago; that is too old after 35 s.`,
    ])
    health.failed(a, unreachable(110))
    assert.deepEqual(health.reasonsNotReady(atSecond(142.3)), [
      `${a} was last scraped 42.3 s ago; that is too old after 35 s. Last failure: ${a} is unreachable: connection refused`,
    ])
  })

  it('is ready again after the next success', () => {
    const health = createScrapeHealth([a], 10)
    health.succeeded(a, atSecond(100), scraped())
    assert.equal(health.reasonsNotReady(atSecond(1000)).length, 1)
    health.succeeded(a, atSecond(1000), scraped())
    assert.deepEqual(health.reasonsNotReady(atSecond(1000)), [])
  })

  it('is ready while one of several targets is read, and warns of those that are lost', () => {
    const health = createScrapeHealth([a, b], 10)
    health.succeeded(a, atSecond(100), scraped())
    assert.deepEqual(health.reasonsNotReady(atSecond(100)), [])
    assert.deepEqual(health.warnings(atSecond(100)), [`${b} has not been scraped successfully yet.`])
  })

  it('names every target when all are lost, and does not warn of them besides', () => {
    const health = createScrapeHealth([a, b], 10)
    health.succeeded(a, atSecond(100), scraped())
    assert.deepEqual(health.reasonsNotReady(atSecond(150)), [
      `${a} was last scraped 50.0 s ago; that is too old after 35 s.`,
      `${b} has not been scraped successfully yet.`,
    ])
    assert.deepEqual(health.warnings(atSecond(150)), [])
  })

  it('warns of failures since the last success, until the next', () => {
    const health = createScrapeHealth([a], 10)
    health.succeeded(a, atSecond(100), scraped())
    health.failed(a, unreachable(110))
    assert.deepEqual(health.warnings(atSecond(111)), [
      `The last scrape failed: ${a} is unreachable: connection refused`,
    ])
    health.failed(a, unreachable(120))
    assert.deepEqual(health.warnings(atSecond(121)), [
      `The last 2 scrapes failed: ${a} is unreachable: connection refused`,
    ])
    health.succeeded(a, atSecond(130), scraped())
    assert.deepEqual(health.warnings(atSecond(131)), [])
  })

  it('warns of what the last good scrape noted and of lines that were left out', () => {
    const health = createScrapeHealth([a], 10)
    const line = { at: 7, reason: 'no value', excerpt: 'kepler_node_cpu_watts{' }
    health.succeeded(
      a,
      atSecond(100),
      scraped({ notes: ['it counts per pod only.'], unreadLines: { count: 3, first: [line] } }),
    )
    assert.deepEqual(health.warnings(atSecond(100)), [
      `${a}: it counts per pod only.`,
      `${a}: 3 line(s) of the last scrape were left out, such as "kepler_node_cpu_watts{": no value`,
    ])
  })

  it('expects targets that come, and forgets those that go', () => {
    const health = createScrapeHealth([], 10)
    assert.deepEqual(health.reasonsNotReady(atSecond(0)), [])
    health.expect(a)
    health.expect(b)
    health.succeeded(a, atSecond(100), scraped())
    health.expect(a)
    assert.deepEqual(health.warnings(atSecond(100)), [`${b} has not been scraped successfully yet.`])
    health.forget(b)
    assert.deepEqual(health.warnings(atSecond(100)), [])
    health.failed(b, unreachable(110))
    assert.deepEqual(
      health.targets().map(({ target }) => target),
      [a],
    )
  })

  it('lets some of many lost targets stand for all', () => {
    const targets = Array.from({ length: 1000 }, (_, node) => `http://node-${node}:28282/metrics`)
    const health = createScrapeHealth(targets, 10)
    const reasons = health.reasonsNotReady(atSecond(0))
    assert.equal(reasons.length, 21)
    assert.equal(reasons.at(-1), 'Likewise for 980 more; /readyz?verbose shows every target.')
    health.succeeded('http://node-7:28282/metrics', atSecond(10), scraped())
    assert.deepEqual(health.reasonsNotReady(atSecond(10)), [])
    assert.equal(health.warnings(atSecond(10)).length, 21)
  })

  it('tells of every target how it goes', () => {
    const health = createScrapeHealth([a, b], 10)
    health.succeeded(a, atSecond(100), scraped())
    health.failed(a, unreachable(110))
    const untouched = { notes: [], unreadLines: { count: 0, first: [] } }
    assert.deepEqual(health.targets(), [
      {
        target: a,
        dialect: 'current',
        nodes: [{ node: 'node-a', basis: 'current/container/package' }],
        lastSuccessAt: atSecond(100),
        lastFailure: unreachable(110),
        failuresInARow: 1,
        ...untouched,
      },
      {
        target: b,
        dialect: undefined,
        nodes: [],
        lastSuccessAt: undefined,
        lastFailure: undefined,
        failuresInARow: 0,
        ...untouched,
      },
    ])
  })
})

describe('the state of a target', () => {
  const failed = (second: number) => ({ ...unreachable(second), message: 'refused' })
  const stateAt = (second: number, prepare: (health: ReturnType<typeof createScrapeHealth>) => void) => {
    const health = createScrapeHealth([a], 10)
    prepare(health)
    const [target] = health.targets()
    return target === undefined ? undefined : health.stateOf(target, atSecond(second))
  }

  it('is never until the first success, also after failures', () => {
    assert.equal(
      stateAt(100, () => {}),
      'never',
    )
    assert.equal(
      stateAt(11, (health) => health.failed(a, failed(10))),
      'never',
    )
  })

  it('is ok after a success, and failing after a failure that follows it', () => {
    assert.equal(
      stateAt(11, (health) => health.succeeded(a, atSecond(10), scraped())),
      'ok',
    )
    assert.equal(
      stateAt(21, (health) => {
        health.succeeded(a, atSecond(10), scraped())
        health.failed(a, failed(20))
      }),
      'failing',
    )
  })

  it('is stale once the last success is too old, whether or not scrapes fail', () => {
    const prepare = (health: ReturnType<typeof createScrapeHealth>) => {
      health.succeeded(a, atSecond(10), scraped())
      health.failed(a, failed(20))
    }
    assert.equal(stateAt(45, prepare), 'failing')
    assert.equal(stateAt(46, prepare), 'stale')
  })
})
