import { Buffer } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Agent, type Dispatcher, request } from 'undici'
import { HistoryError, type HistoryFailure, type SeriesHistory } from '../../flows/series-history.ts'
import type { Instant } from '../../units.ts'
import { dataIn, isObject, seriesIn, textsIn } from './prometheus-answer.ts'
import { rawSamplesText, selectorText } from './promql.ts'

export type PrometheusOptions = {
  /** Where its API is, without `/api/v1`; may have a path. */
  readonly url: URL
  /** Matchers that are added to every question, such as `cluster="prod"`. */
  readonly matchers: readonly string[]
  /** Sent with every question, such as X-Scope-OrgID. */
  readonly headers: Readonly<Record<string, string>>
  /** A file with a bearer token, read for every question. */
  readonly tokenFile: string | undefined
  /** A PEM bundle that the server's certificate must lead to; undefined for the well-known authorities. */
  readonly authority: string | undefined
  readonly timeoutSeconds?: number
  /** The most that one answer may hold, before and after decompression. */
  readonly mostBytes?: number
}

const defaultTimeoutSeconds = 120
const defaultMostBytes = 32 * 1024 * 1024

/** Prometheus, or whatever speaks its HTTP API (Thanos, Mimir, VictoriaMetrics), as a history of series. */
export function createPrometheusHistory(options: PrometheusOptions): SeriesHistory & {
  close(): Promise<void>
} {
  const { url, matchers, headers, tokenFile, authority } = options
  const timeoutSeconds = options.timeoutSeconds ?? defaultTimeoutSeconds
  const mostBytes = options.mostBytes ?? defaultMostBytes
  const address = `${url.protocol}//${url.host}${url.pathname.replace(/\/$/, '')}`
  const agent = new Agent({
    connections: 2,
    connect: { timeout: 10_000, ...(authority === undefined ? {} : { ca: authority }) },
    headersTimeout: timeoutSeconds * 1000,
    bodyTimeout: timeoutSeconds * 1000,
  })

  async function ask(
    path: string,
    { form, search }: { readonly form?: URLSearchParams; readonly search?: URLSearchParams },
    stop: AbortSignal,
  ): Promise<unknown> {
    stop.throwIfAborted()
    const target = new URL(url)
    target.pathname = `${url.pathname.replace(/\/$/, '')}/api/v1/${path}`
    target.search = search === undefined ? '' : search.toString()
    const authorization = await authorizationOf(tokenFile)
    const timeout = AbortSignal.timeout(timeoutSeconds * 1000)
    try {
      const response = await request(target, {
        dispatcher: agent,
        signal: AbortSignal.any([stop, timeout]),
        method: form === undefined ? 'GET' : 'POST',
        headers: {
          ...headers,
          ...authorization,
          accept: 'application/json',
          'accept-encoding': 'gzip',
          'user-agent': 'co2-api',
          ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        body: form === undefined ? null : form.toString(),
      })
      const text = await wholeText(response, mostBytes)
      if (text === undefined)
        throw new HistoryError('too-much', `${address} answered with more than ${mostBytes} bytes`)
      if (response.statusCode !== 200) throw failureOf({ address, status: response.statusCode, text })
      return dataIn(parsed(text, address), address)
    } catch (cause) {
      if (cause instanceof HistoryError) throw cause
      stop.throwIfAborted()
      const isLate = timeout.aborted
      const what = isLate
        ? `did not answer whole within ${timeoutSeconds} s`
        : `could not be reached: ${reasonOf(cause)}`
      throw new HistoryError(isLate ? 'timed-out' : 'unreachable', `${address} ${what}`, { cause })
    }
  }

  return {
    address,

    async labelValues(label, { where, during }, signal) {
      const search = new URLSearchParams({
        'match[]': selectorText(where, matchers),
        start: seconds(during.from),
        end: seconds(during.to),
      })
      const path = `label/${encodeURIComponent(label)}/values`
      return textsIn(await ask(path, { search }, signal), address)
    },

    async samplesWithin({ where, during }, signal) {
      const form = new URLSearchParams({
        query: rawSamplesText(selectorText(where, matchers), during),
        time: seconds(during.to),
        // Thanos gives what it has when a store is away, unless it is told that this is no answer.
        partial_response: 'false',
      })
      return seriesIn(await ask('query', { form }, signal), during.from, address)
    },

    close: () => agent.destroy(),
  }
}

function seconds(at: Instant): string {
  return (at / 1000).toFixed(3)
}

async function authorizationOf(
  tokenFile: string | undefined,
): Promise<Readonly<Record<string, string>> | undefined> {
  if (tokenFile === undefined) return undefined
  let text: string
  try {
    text = await readFile(tokenFile, 'utf8')
  } catch (cause) {
    throw new HistoryError('refused', `the token file ${tokenFile} cannot be read`, { cause })
  }
  const token = text.trim()
  if (token === '' || /\p{Cc}/u.test(token))
    throw new HistoryError('refused', `the token file ${tokenFile} must hold one non-empty line`)
  return { authorization: `Bearer ${token}` }
}

function parsed(text: string, address: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new HistoryError(
      'unexpected-answer',
      `${address} answered with a body that is not JSON: is it the API of Prometheus?`,
      { cause },
    )
  }
}

/** Source: prometheus.io/docs/prometheus/latest/querying/api, "Format overview"; 413 and 429 are those of proxies. */
function failureOf({
  address,
  status,
  text,
}: {
  readonly address: string
  readonly status: number
  readonly text: string
}): HistoryError {
  const said = messageIn(text)
  const isTimeout = status === 503 && /timed? ?out/i.test(said)
  // A query that takes too long or loads too many samples may do over a shorter time.
  const failure: HistoryFailure =
    status === 413 || status === 422 || isTimeout
      ? 'too-much'
      : status === 401 || status === 403
        ? 'refused'
        : status === 400
          ? 'bad-question'
          : status === 429 || status >= 500
            ? 'server-error'
            : 'unexpected-answer'
  return new HistoryError(
    failure,
    `${address} answered with status ${status}${said === '' ? '' : `: ${said}`}`,
  )
}

const mostSaidCharacters = 300

function messageIn(text: string): string {
  let said = text
  try {
    const body: unknown = JSON.parse(text)
    if (isObject(body) && typeof body['error'] === 'string') said = body['error']
  } catch {
    // A proxy answers in words of its own.
  }
  return said.replaceAll(/\s+/g, ' ').trim().slice(0, mostSaidCharacters).toWellFormed()
}

/** Undefined when the body is longer than `mostBytes`. */
async function wholeText(response: Dispatcher.ResponseData, mostBytes: number): Promise<string | undefined> {
  const { body, headers } = response
  // Leaving a body unread makes it fail, with no one to hear of it: that would end the process.
  body.on('error', () => {})
  if (headers['content-encoding'] !== 'gzip') return await collected(body, body, mostBytes)
  const gunzip = createGunzip()
  // A connection that breaks must break the inflating too: it would wait for ever for the rest.
  body.once('error', (cause) => gunzip.destroy(cause))
  return await collected(body.pipe(gunzip), body, mostBytes)
}

async function collected(stream: Readable, body: Readable, mostBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) continue
    length += chunk.length
    if (length > mostBytes) {
      body.destroy()
      return undefined
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length).toString('utf8')
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  if ('code' in cause && typeof cause.code === 'string') return cause.code
  return cause.message === '' ? cause.name : cause.message
}
