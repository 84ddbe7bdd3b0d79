import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createWebClient } from '../../src/adapters/web/web-client.ts'
import type { IntensityFact } from '../../src/intensity/fact.ts'
import { type IntensitySource, SourceError, type SourceFailure } from '../../src/intensity/source.ts'
import type { WebSourceOptions } from '../../src/intensity/web-source.ts'
import { parseIsoTime } from '../../src/iso-time.ts'
import { type Instant, type Interval, instant } from '../../src/units.ts'
import { type ServedAnswer, type SourceServer, startSourceServer } from './source-server.ts'

/** The instant that an ISO 8601 text names. */
export function at(text: string): Instant {
  return parseIsoTime(text) ?? assert.fail(`${text} is no time`)
}

export function between(from: string, to: string): Interval {
  return { from: at(from), to: at(to) }
}

/** A signal that never aborts. */
export const never = new AbortController().signal

/** Facts as `[from, to, grams, method]`, with times such as `03-22T00:15`. */
export function told(facts: readonly IntensityFact[]) {
  return facts.map(({ valid, intensity, method }) => [
    shortTime(valid.from),
    shortTime(valid.to),
    intensity,
    method.kind,
  ])
}

function shortTime(time: Instant): string {
  return new Date(time).toISOString().slice(5, 16)
}

export type Asked = {
  readonly server: SourceServer
  readonly source: IntensitySource
  /** Moves the clock of the source. */
  readonly setNow: (text: string) => void
}

/** Runs a test with a source that asks a server on this machine, at a moment that is given. */
export async function withSource(
  create: (options: WebSourceOptions) => IntensitySource,
  startAt: string,
  test: (asked: Asked) => Promise<void>,
): Promise<void> {
  await using server = await startSourceServer()
  const client = createWebClient({ timeoutSeconds: 5 })
  let now = at(startAt)
  const source = create({ httpGet: client.httpGet, rank: 23, now: () => now, baseUrl: server.url })
  try {
    await test({
      server,
      source,
      setNow(text) {
        now = at(text)
      },
    })
  } finally {
    await client.close()
  }
}

/** For `assert.rejects`: the failure as it is, and words of the message. */
export function failsWith(failure: SourceFailure, message: RegExp = /./) {
  return (error: unknown) => {
    assert.ok(error instanceof SourceError, String(error))
    assert.deepEqual(error.failure, failure)
    assert.match(error.message, message)
    assert.doesNotMatch(error.message, /[?&=]/, 'no part of a query stands in a message')
    return true
  }
}

const now = '2026-10-04T12:00:00Z'

const failures: readonly (readonly [string, ServedAnswer, SourceFailure])[] = [
  ['401', { status: 401, body: { message: 'who?' } }, { kind: 'refused' }],
  ['403', { status: 403, body: 'no' }, { kind: 'refused' }],
  [
    '429 with a number of seconds',
    { status: 429, headers: { 'retry-after': '17' } },
    { kind: 'rate-limited', retryAfterSeconds: 17 },
  ],
  [
    '429 with a date',
    { status: 429, headers: { 'retry-after': 'Sun, 04 Oct 2026 12:01:30 GMT' } },
    { kind: 'rate-limited', retryAfterSeconds: 90 },
  ],
  [
    '429 with neither',
    { status: 429, headers: { 'retry-after': 'soon' } },
    { kind: 'rate-limited', retryAfterSeconds: undefined },
  ],
  ['500', { status: 500, body: { message: 'oh' } }, { kind: 'server-error' }],
  [
    '503 with HTML',
    { status: 503, headers: { 'content-type': 'text/html' }, body: '<html>later</html>' },
    { kind: 'server-error' },
  ],
  ['404', { status: 404, body: '' }, { kind: 'unexpected-answer' }],
  [
    'a redirect to another host',
    { status: 302, headers: { location: 'http://elsewhere.example/' } },
    { kind: 'unexpected-answer' },
  ],
  [
    'HTML with status 200',
    { headers: { 'content-type': 'text/html' }, body: '<!doctype html><p>Welcome' },
    { kind: 'unexpected-answer' },
  ],
  ['half of its JSON', { body: '{"data":[' }, { kind: 'unexpected-answer' }],
  ['nothing', { body: '' }, { kind: 'unexpected-answer' }],
  ['null', { body: 'null' }, { kind: 'unexpected-answer' }],
  ['a list', { body: '[]' }, { kind: 'unexpected-answer' }],
  ['a cut connection', { cut: true }, { kind: 'unreachable' }],
]

/** What every source on the web does, however it is asked: one suite for all of them. */
export function behavesLikeAWebSource(
  zone: string,
  create: (options: WebSourceOptions) => IntensitySource,
): void {
  const waysToAsk: readonly (readonly [
    string,
    (source: IntensitySource, asked: string, signal: AbortSignal) => Promise<readonly IntensityFact[]>,
  ])[] = [
    ['latest', async (source, asked, signal) => await source.latest(asked, signal)],
    [
      'history',
      async (source, asked, signal) =>
        await source.history(asked, between('2026-10-04T06:00Z', '2026-10-04T08:00Z'), signal),
    ],
    ['forecast', async (source, asked, signal) => (await source.forecast?.(asked, signal)) ?? []],
  ]
  const offered = (source: IntensitySource) =>
    waysToAsk.filter(([name]) => name !== 'forecast' || 'forecast' in source)

  describe('is a source on the web', () => {
    for (const [answer, served, failure] of failures) {
      it(`that fails as ${failure.kind} when it is answered with ${answer}`, async () => {
        await withSource(create, now, async ({ server, source }) => {
          server.serve('*', served)
          for (const [, ask] of offered(source)) {
            await assert.rejects(ask(source, zone, never), failsWith(failure))
          }
        })
      })
    }

    it('that asks nobody about a zone that it does not cover', async () => {
      await withSource(create, now, async ({ server, source }) => {
        for (const [, ask] of offered(source)) {
          await assert.rejects(ask(source, 'ZZ', never), failsWith({ kind: 'unknown-zone' }, /ZZ/))
        }
        assert.equal(server.requests.length, 0)
      })
    })

    it('that stops with the reason of the signal', async () => {
      await withSource(create, now, async ({ server, source }) => {
        server.serve('*', { silent: true })
        for (const [, ask] of offered(source)) {
          const stop = new AbortController()
          const asked = ask(source, zone, stop.signal)
          stop.abort(new Error('enough'))
          await assert.rejects(asked, /^Error: enough$/)
        }
      })
    })

    it('that asks for no time to come when it is asked for history', async () => {
      await withSource(create, now, async ({ server, source }) => {
        const tomorrow = { from: instant(at(now) + 86_400_000), to: instant(Infinity) }
        assert.deepEqual(await source.history(zone, tomorrow, never), [])
        assert.equal(server.requests.length, 0)
        const always = { from: instant(-Infinity), to: instant(Infinity) }
        await assert.rejects(source.history(zone, always, never), RangeError)
      })
    })

    it('that covers the zone, and says who it is and what its figures are', async () => {
      await withSource(create, now, async ({ source }) => {
        assert.ok(source.zones().includes(zone))
        const { name, url, licence, attribution, everySeconds, secondsBetweenRequests } = source.about
        for (const text of [name, licence, attribution]) assert.notEqual(text, '')
        assert.ok(URL.canParse(url))
        assert.ok(everySeconds > 0 && secondsBetweenRequests > 0)
      })
    })
  })
}

/** What stands in every fact of a source, whatever else it tells. */
export function assertOrigin(
  facts: readonly IntensityFact[],
  source: IntensitySource,
  { zone, learnedAt }: { readonly zone: string; readonly learnedAt: string },
): void {
  assert.ok(facts.length > 0)
  for (const fact of facts) {
    assert.partialDeepStrictEqual(fact, {
      zone,
      source: source.id,
      signal: source.about.signal,
      basis: source.about.basis,
      rank: 23,
      learnedAt: at(learnedAt),
    })
  }
}
