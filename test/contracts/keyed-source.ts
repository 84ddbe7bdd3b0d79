import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { createWebClient } from '../../src/adapters/web/web-client.ts'
import type { HttpGet } from '../../src/intensity/http-get.ts'
import { type IntensitySource, SourceError, type SourceFailure } from '../../src/intensity/source.ts'
import { instant } from '../../src/units.ts'
import { type ServedAnswer, type SourceServer, startSourceServer } from '../sources/source-server.ts'

export type KeyedSource = {
  /** Makes the source; `secret` is its key, and what is logged in with. */
  create(context: {
    readonly httpGet: HttpGet
    readonly baseUrl: URL
    readonly secret: string
  }): IntensitySource
  /** A zone that it knows, and the time at which it is asked. */
  readonly zone: string
  readonly now: number
  /** Where figures are asked for. */
  readonly paths: readonly string[]
  /** Answers what is asked for beside the figures. */
  readonly prepare?: (server: SourceServer) => void
}

type Call = readonly [name: string, call: (signal: AbortSignal) => Promise<unknown>]

const never = new AbortController().signal
const secret = 'planted+secret/Zq7'
const disguises = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').slice(0, 12)]

/** Every way to fail, with the kind of failure it is. The body repeats whatever was sent. */
const failures: readonly (readonly [string, SourceFailure, ServedAnswer])[] = [
  ['401', { kind: 'refused' }, { status: 401, body: { error: `Invalid auth-token ${secret}` } }],
  ['403', { kind: 'refused' }, { status: 403, body: secret }],
  [
    '429 with Retry-After',
    { kind: 'rate-limited', retryAfterSeconds: 17 },
    { status: 429, headers: { 'retry-after': '17' }, body: secret },
  ],
  ['500', { kind: 'server-error' }, { status: 500, body: secret }],
  ['503 in HTML', { kind: 'server-error' }, { status: 503, body: `<html>${secret}</html>` }],
  ['418', { kind: 'unexpected-answer' }, { status: 418, body: secret }],
  ['HTML', { kind: 'unexpected-answer' }, { body: `<!doctype html><html>${secret}<br></html>` }],
  ['an empty body', { kind: 'unexpected-answer' }, { body: '' }],
  ['plain text', { kind: 'unexpected-answer' }, { body: secret }],
  ['a JSON text', { kind: 'unexpected-answer' }, { body: JSON.stringify(secret) }],
  ['a JSON list', { kind: 'unexpected-answer' }, { body: [secret] }],
  ['an empty JSON object', { kind: 'unexpected-answer' }, { body: {} }],
  [
    'another JSON object',
    { kind: 'unexpected-answer' },
    { body: { zone: secret, meta: secret, data: secret } },
  ],
  ['a cut connection', { kind: 'unreachable' }, { cut: true }],
]

/** What every source with a key must do, whatever its answers look like. */
export function behavesLikeAKeyedSource(name: string, keyed: KeyedSource): void {
  async function withSource(
    use: (asked: { source: IntensitySource; server: SourceServer; calls: readonly Call[] }) => Promise<void>,
  ) {
    await using server = await startSourceServer()
    const client = createWebClient()
    try {
      const source = keyed.create({ httpGet: client.httpGet, baseUrl: server.url, secret })
      keyed.prepare?.(server)
      await use({ source, server, calls: callsOf(source, keyed) })
    } finally {
      await client.close()
    }
  }

  describe(`${name} is a source with a key that`, () => {
    for (const [what, failure, answer] of failures) {
      it(`answered with ${what}, fails as ${failure.kind} and tells no secret`, async () => {
        await withSource(async ({ server, calls }) => {
          for (const path of keyed.paths) server.serve(path, answer)
          for (const [call, ask] of calls) {
            const error: unknown = await ask(never).then(
              () => assert.fail(`${call} did not fail`),
              (error: unknown) => error,
            )
            assert.ok(error instanceof SourceError, `${call}: ${String(error)}`)
            assert.deepEqual(error.failure, failure, `${call}: ${error.message}`)
            const told = inspect(error, { depth: Infinity, showHidden: true })
            for (const disguise of disguises) assert.ok(!told.includes(disguise), `${call}: ${told}`)
          }
        })
      })
    }

    it('does not ask about a zone that it does not know', async () => {
      await withSource(async ({ source, server }) => {
        for (const [, ask] of callsOf(source, { ...keyed, zone: 'XX' })) {
          await assert.rejects(ask(never), (error) => {
            assert.ok(error instanceof SourceError)
            assert.deepEqual(error.failure, { kind: 'unknown-zone' })
            return true
          })
        }
        assert.equal(server.requests.length, 0)
      })
    })

    it('asks nothing once it is aborted', async () => {
      await withSource(async ({ server, calls }) => {
        const reason = new Error('stopped')
        for (const [, ask] of calls) {
          await assert.rejects(ask(AbortSignal.abort(reason)), (error) => error === reason)
        }
        assert.equal(server.requests.length, 0)
      })
    })

    it('waits no longer for an answer once it is aborted', async () => {
      await withSource(async ({ server, calls }) => {
        for (const [call, ask] of calls) {
          const stop = new AbortController()
          const reason = new Error('stopped')
          for (const path of keyed.paths) {
            server.serveBy(path, () => {
              stop.abort(reason)
              return { silent: true }
            })
          }
          await assert.rejects(ask(stop.signal), (error) => error === reason, call)
        }
      })
    })

    it('is told by the id of its facts, and by its units', async () => {
      await withSource(async ({ source }) => {
        assert.match(source.id, /^[A-Za-z_-]+$/)
        assert.ok(source.zones().includes(keyed.zone))
        assert.ok(source.about.everySeconds > 0 && source.about.secondsBetweenRequests > 0)
        assert.ok(source.about.licence !== '' && source.about.attribution !== '')
      })
    })
  })
}

function callsOf(source: IntensitySource, { zone, now }: KeyedSource): readonly Call[] {
  const lastTwoDays = { from: instant(now - 48 * 3_600_000), to: instant(now) }
  const lastHour = { from: instant(now - 3_600_000), to: instant(now) }
  const calls: Call[] = [
    ['latest', async (signal) => await source.latest(zone, signal)],
    ['history of days', async (signal) => await source.history(zone, lastTwoDays, signal)],
    ['history of an hour', async (signal) => await source.history(zone, lastHour, signal)],
  ]
  if ('forecast' in source) calls.push(['forecast', async (signal) => await source.forecast?.(zone, signal)])
  return calls
}
