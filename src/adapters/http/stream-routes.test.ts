import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { setImmediate as nextTick } from 'node:timers/promises'
import { at, measured, page } from '../../../test/contracts/measured.ts'
import { createMovedClock } from '../../../test/moved-clock.ts'
import { configured, roundedJson, serveApi } from '../../../test/served-api.ts'
import { createRecordedPage } from '../../flows/recorded-page.ts'
import { createScrapeBroadcast, type ScrapeBroadcast } from '../../flows/scrape-broadcast.ts'
import { newsOf, type ScrapeNews } from '../../flows/scrape-news.ts'
import { createFactBook } from '../../intensity/fact-book.ts'
import { joules } from '../../units.ts'
import { readZoneDirectory } from '../zones/zones.ts'

const target = 'http://node-1:28282/metrics'
const facts = [configured('DE', 300), configured('FR', 20)]

/** 36 J in ten seconds. */
function scraped(): ScrapeNews {
  const intensities = createFactBook()
  intensities.add(facts)
  const measurement = measured(20, { energy: joules(36) })
  const recordedPage = page([measurement])
  const recorded = createRecordedPage(recordedPage, { intensities, knownAt: at(20) })
  const tally = { resets: 0, started: 0, reappeared: 0, refused: 0 }
  const entry = { kind: 'recorded', isBaseline: false, during: measurement.during, ...tally } as const
  const news = newsOf(
    { kind: 'recorded', target, node: 'node-1', entry: { ...entry, page: recordedPage } },
    { recorded, now: at(20) },
  )
  assert.ok(news !== undefined)
  return news
}

const failed: ScrapeNews = { kind: 'failure', at: at(30), target, failure: 'timed-out', message: 'too slow' }

async function streaming(t: TestContext) {
  const clock = createMovedClock(at(60))
  const scrapes = createScrapeBroadcast(clock)
  const server = await serveApi({ facts, ports: { scrapes } })
  t.after(() => server.close())
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  return { clock, scrapes, server, url }
}

/** `next` reads on, up to the next empty line; undefined at the end of the stream. */
async function listenTo(url: string) {
  const response = await fetch(url)
  assert.ok(response.body !== null)
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const next = async (): Promise<string | undefined> => {
    while (!text.includes('\n\n')) {
      const { done, value } = await reader.read()
      if (done) return undefined
      text += value
    }
    const [event = '', ...rest] = text.split('\n\n')
    text = rest.join('\n\n')
    return event
  }
  return { next, headers: response.headers, cancel: () => reader.cancel() }
}

async function untilListeners(scrapes: ScrapeBroadcast, count: number): Promise<void> {
  while (scrapes.listeners !== count) await nextTick()
}

describe('the stream of scrapes', () => {
  it('greets, and tells each scrape and each failure as it happens', async (t) => {
    const { url, scrapes } = await streaming(t)
    const { next, headers } = await listenTo(`${url}/api/v1/stream?zone=de,FR&zone=DE`)
    assert.equal(headers.get('content-type'), 'text/event-stream; charset=utf-8')
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.equal(
      await next(),
      'id: 0\nevent: hello\ndata: {"at":"2026-02-11T10:01:00.000000+00:00","scrape_interval_s":10,"zones":["DE","FR"],"defaults":[]}',
    )
    await untilListeners(scrapes, 1)
    scrapes.publish(scraped())
    const [id, event, data = ''] = (await next())?.split('\n') ?? []
    assert.deepEqual([id, event], ['id: 1', 'event: scrape'])
    // 36 J / 3.6e6 J/kWh x 300 g/kWh are 0.003 g, and 360 times that in an hour.
    assert.deepEqual(roundedJson(data.slice('data: '.length)), {
      at: '2026-02-11T10:00:20.000000+00:00',
      target,
      node: 'node-1',
      interval_s: 10,
      energy_j: 36,
      mean_power_w: 3.6,
      containers: 1,
      co2_g: { DE: 0.003, FR: 0.0002 },
      co2_g_per_h: { DE: 1.08, FR: 0.072 },
      intensity_method: { DE: 'configured', FR: 'configured' },
    })
    scrapes.publish(failed)
    assert.equal(
      await next(),
      'id: 2\nevent: failure\ndata: {"at":"2026-02-11T10:00:30.000000+00:00","target":"http://node-1:28282/metrics","failure":"timed-out","message":"too slow"}',
    )
  })

  it('is of the default zone where none is named, and says so', async (t) => {
    const { url } = await streaming(t)
    const { next } = await listenTo(`${url}/api/v1/stream`)
    assert.match((await next()) ?? '', /"zones":\["DE"\],"defaults":\["zone"\]/)
  })

  it('keeps the connection alive with a comment while nothing happens', async (t) => {
    const { url, clock, scrapes } = await streaming(t)
    const { next } = await listenTo(`${url}/api/v1/stream`)
    await next()
    await untilListeners(scrapes, 1)
    const beat = next()
    // The listener begins to wait a moment after it has been greeted.
    for (let second = 15; second < 60; second += 15) await clock.moveTo(second)
    assert.equal(await beat, ': beat')
  })

  it('ends when the service stops, which does not wait for it', async (t) => {
    const { url, server } = await streaming(t)
    const { next } = await listenTo(`${url}/api/v1/stream`)
    await next()
    await server.close()
    assert.equal(await next(), undefined)
  })

  it('forgets a listener that goes away', async (t) => {
    const { url, scrapes } = await streaming(t)
    const { next, cancel } = await listenTo(`${url}/api/v1/stream`)
    await next()
    assert.equal(scrapes.listeners, 1)
    await cancel()
    await untilListeners(scrapes, 0)
  })

  it('cuts off a listener that does not read', async (t) => {
    const { url, scrapes } = await streaming(t)
    const { hostname, port } = new URL(url)
    const socket = net.connect(Number(port), hostname)
    socket.on('error', () => {})
    await once(socket, 'connect')
    socket.pause()
    socket.write('GET /api/v1/stream HTTP/1.1\r\nHost: x\r\n\r\n')
    await untilListeners(scrapes, 1)
    const long: ScrapeNews = { ...failed, message: 'x'.repeat(10_000) }
    while (scrapes.listeners > 0) {
      for (let count = 0; count < 100; count += 1) scrapes.publish(long)
      await nextTick()
    }
    assert.equal(scrapes.dropped, 1)
    socket.resume()
    await once(socket, 'close')
  })

  it('is refused when a hundred listen already', async (t) => {
    const { url, scrapes } = await streaming(t)
    const stop = new AbortController()
    for (let count = 0; count < 100; count += 1) scrapes.listen(stop.signal)
    const response = await fetch(`${url}/api/v1/stream`)
    assert.equal(response.status, 503)
    assert.deepEqual(await response.json(), {
      error: '100 listeners are served already, which is the most; try again later',
    })
  })

  it('is refused for zones that are unknown, without figures, or too many', async (t) => {
    const { server } = await streaming(t)
    const errorOf = async (query: string) => {
      const answer = await server.inject(`/api/v1/stream?${query}`)
      assert.equal(answer.statusCode, 400)
      return answer.json().error
    }
    assert.match(await errorOf('zone=XX'), /^zone is "XX", which is no known country/)
    assert.match(
      await errorOf('zone=DE,PL'),
      /^zone is "PL" \(Poland\), for which no carbon intensity is known/,
    )
    const many = readZoneDirectory()
      .all()
      .slice(0, 51)
      .map(({ code }) => code)
    const rich = await serveApi({ facts: many.map((code) => configured(code, 100)) })
    t.after(() => rich.close())
    const answer = await rich.inject(`/api/v1/stream?zone=${many.join(',')}`)
    assert.deepEqual(answer.json(), { error: 'zone names 51 zones; at most 50 are accepted here' })
  })

  it('has no head without a body', async (t) => {
    const { server } = await streaming(t)
    assert.equal((await server.inject({ method: 'HEAD', url: '/api/v1/stream' })).statusCode, 404)
  })
})
