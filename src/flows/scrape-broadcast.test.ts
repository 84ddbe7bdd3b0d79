import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMovedClock, settled } from '../../test/moved-clock.ts'
import { instant } from '../units.ts'
import { createScrapeBroadcast, type Heard } from './scrape-broadcast.ts'
import type { ScrapeNews } from './scrape-news.ts'

const failure = (message: string): ScrapeNews => ({
  kind: 'failure',
  at: instant(0),
  target: 'http://a/metrics',
  failure: 'timed-out',
  message,
})

/** A broadcast with one listener who hears everything at once. */
function broadcasting() {
  const clock = createMovedClock(instant(0))
  const broadcast = createScrapeBroadcast(clock)
  const stop = new AbortController()
  const heard: (string | number)[] = []
  const listening = broadcast.listen(stop.signal)
  assert.equal(listening.kind, 'listening')
  const hearing = (async () => {
    if (listening.kind !== 'listening') return
    for await (const next of listening.heard) heard.push(shown(next))
    heard.push('end')
  })()
  return { clock, broadcast, stop, heard, hearing, listening }
}

function shown(heard: Heard): string {
  if (heard.kind === 'beat') return 'beat'
  return `${heard.id} ${heard.news.kind === 'failure' ? heard.news.message : heard.news.node}`
}

describe('the broadcast of scrapes', () => {
  it('tells every listener what is published from then on, under ascending ids', async () => {
    const { broadcast, heard, listening } = broadcasting()
    await settled()
    broadcast.publish(failure('one'))
    broadcast.publish(failure('two'))
    await settled()
    assert.deepEqual(heard, ['1 one', '2 two'])
    assert.equal(listening.kind === 'listening' && listening.lastId, 0)
    const later = broadcast.listen(new AbortController().signal)
    assert.equal(later.kind === 'listening' && later.lastId, 2)
    assert.equal(broadcast.listeners, 2)
  })

  it('gives a beat after fifteen seconds of silence, counted from the last word', async () => {
    const { broadcast, heard, clock } = broadcasting()
    await settled()
    await clock.moveTo(14)
    assert.deepEqual(heard, [])
    broadcast.publish(failure('one'))
    await settled()
    await clock.moveTo(28)
    assert.deepEqual(heard, ['1 one'])
    await clock.moveTo(29)
    assert.deepEqual(heard, ['1 one', 'beat'])
    await clock.moveTo(44)
    assert.deepEqual(heard, ['1 one', 'beat', 'beat'])
  })

  it('lets go of a listener whose signal aborts, at once and without a beat', async () => {
    const { broadcast, heard, stop, hearing } = broadcasting()
    await settled()
    stop.abort()
    await hearing
    assert.deepEqual([heard, broadcast.listeners, broadcast.dropped], [['end'], 0, 0])
  })

  it('lets go of a listener that never began to listen, and of one that stops', async () => {
    const broadcast = createScrapeBroadcast(createMovedClock(instant(0)))
    const stop = new AbortController()
    broadcast.listen(stop.signal)
    stop.abort()
    assert.equal(broadcast.listeners, 0)
    const { broadcast: other, listening } = broadcasting()
    await settled()
    other.publish(failure('one'))
    if (listening.kind === 'listening') await listening.heard.return()
    assert.equal(other.listeners, 0)
  })

  it('drops a listener for whom too much waits, and forgets what waited', async () => {
    const broadcast = createScrapeBroadcast(createMovedClock(instant(0)))
    const slow = broadcast.listen(new AbortController().signal)
    assert.ok(slow.kind === 'listening')
    for (let count = 0; count < 5000; count += 1) broadcast.publish(failure('news'))
    assert.deepEqual([broadcast.listeners, broadcast.dropped, slow.dropped.aborted], [1, 0, false])
    broadcast.publish(failure('one too many'))
    assert.deepEqual([broadcast.listeners, broadcast.dropped, slow.dropped.aborted], [0, 1, true])
    assert.deepEqual(await slow.heard.next(), { done: true, value: undefined })
  })

  it('serves a hundred listeners, and no more', () => {
    const broadcast = createScrapeBroadcast(createMovedClock(instant(0)))
    const stop = new AbortController()
    for (let count = 0; count < 100; count += 1) broadcast.listen(stop.signal)
    assert.deepEqual(broadcast.listen(stop.signal), { kind: 'full', most: 100 })
    stop.abort()
    assert.equal(broadcast.listen(new AbortController().signal).kind, 'listening')
  })
})
