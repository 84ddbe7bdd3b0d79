import { Buffer } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Agent, type Dispatcher, errors, request } from 'undici'
import { ScrapeError, type ScrapeFailure } from '../../flows/energy-source.ts'
import type { Instant } from '../../units.ts'
import type { MetricsBody } from './interpret.ts'

export type MetricsEndpoint = {
  readonly url: URL
  readonly timeoutSeconds: number
  /** The most that a body may hold, before and after decompression. */
  readonly maxBodyBytes: number
  readonly credentials: Credentials
  /** A PEM bundle that the server's certificate must lead to; undefined for the well-known authorities. */
  readonly authority: string | undefined
}

/** Files are read at every scrape: Kubernetes renews its tokens under a running process. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly tokenFile: string }
  /** The file holds `user:password` on one line. */
  | { readonly kind: 'basic'; readonly file: string }

export type MetricsClient = {
  /** Throws ScrapeError for anything but a whole answer with status 200. Redirects are not followed. */
  fetch(signal: AbortSignal): Promise<MetricsBody>
  close(): Promise<void>
}

/**
 * OpenMetrics first: its end mark proves that the body is whole. Uncompressed first: on a cluster's network
 * inflating a body costs more than sending it; compressed answers are understood all the same.
 */
const wantedFormats =
  'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.9,text/plain;q=0.8,*/*;q=0.1'
const wantedEncodings = 'identity,gzip;q=0.5'

export function createMetricsClient(endpoint: MetricsEndpoint, now: () => Instant): MetricsClient {
  const target = printableUrl(endpoint.url)
  const timeoutMs = endpoint.timeoutSeconds * 1000
  const agent = new Agent({
    connections: 1,
    connect: {
      timeout: timeoutMs,
      ...(endpoint.authority === undefined ? {} : { ca: endpoint.authority }),
    },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })

  const fail = (failure: ScrapeFailure, what: string, cause?: unknown) =>
    new ScrapeError(failure, `${target} ${what}`, cause === undefined ? undefined : { cause })

  async function answer(signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const authorization = await authorizationOf(endpoint.credentials, fail)
    return await request(endpoint.url, {
      dispatcher: agent,
      signal,
      headers: {
        accept: wantedFormats,
        'accept-encoding': wantedEncodings,
        'user-agent': 'co2-api',
        ...(authorization === undefined ? {} : { authorization }),
      },
    })
  }

  return {
    async fetch(stop) {
      const timeout = AbortSignal.timeout(timeoutMs)
      const signal = AbortSignal.any([stop, timeout])
      try {
        const response = await answer(signal)
        const receivedAt = now()
        if (response.statusCode !== 200) {
          throw fail(
            'bad-status',
            `answered with status ${response.statusCode}: ${await beginningOf(response.body)}`,
          )
        }
        const encoding = headerOf(response.headers['content-encoding'])
        const bytes = await wholeBody(response.body, encoding, endpoint.maxBodyBytes, fail)
        if (bytes.length === 0) throw fail('empty', 'answered with an empty body')
        return { bytes, contentType: headerOf(response.headers['content-type']), receivedAt }
      } catch (cause) {
        if (cause instanceof ScrapeError) throw cause
        if (timeout.aborted)
          throw fail('timed-out', `did not answer whole within ${endpoint.timeoutSeconds} s`, cause)
        throw translated(cause, fail)
      }
    },

    async close() {
      await agent.destroy()
    },
  }
}

type Fail = (failure: ScrapeFailure, what: string, cause?: unknown) => ScrapeError

function translated(cause: unknown, fail: Fail): ScrapeError {
  if (cause instanceof errors.HeadersTimeoutError || cause instanceof errors.BodyTimeoutError) {
    return fail('timed-out', 'stopped answering', cause)
  }
  const message = cause instanceof Error ? cause.message : String(cause)
  const code = codeOf(cause)
  const isCut =
    cause instanceof errors.ResponseContentLengthMismatchError ||
    code === 'Z_BUF_ERROR' ||
    code === 'UND_ERR_SOCKET' ||
    code === 'ERR_STREAM_PREMATURE_CLOSE'
  if (isCut) return fail('cut-off', `closed the connection before the answer was whole (${message})`, cause)
  if (code?.startsWith('Z_') === true) {
    return fail('not-an-exposition', `answered with a body that cannot be inflated (${message})`, cause)
  }
  return fail(
    'unreachable',
    `could not be read: ${code === undefined ? message : `${code} ${message}`}`,
    cause,
  )
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
}

function headerOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

async function wholeBody(
  body: Readable,
  encoding: string | undefined,
  maxBytes: number,
  fail: Fail,
): Promise<Uint8Array> {
  if (encoding === undefined || encoding === 'identity') return await collected(body, maxBytes, fail)
  if (encoding !== 'gzip')
    throw fail('not-an-exposition', `answered in the encoding "${encoding}", which was not asked for`)
  const gunzip = createGunzip()
  // A connection that breaks must break the inflating too: it would wait for ever for the rest.
  body.once('error', (cause) => gunzip.destroy(cause))
  return await collected(body.pipe(gunzip), maxBytes, fail)
}

async function collected(body: Readable, maxBytes: number, fail: Fail): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue
    length += chunk.length
    if (length > maxBytes) {
      body.destroy()
      throw fail(
        'too-large',
        `answered with more than the ${maxBytes} bytes that EXPORTER_MAX_BODY_MB allows`,
      )
    }
    chunks.push(chunk)
  }
  const [only] = chunks
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, length)
}

const excerptLength = 200

async function beginningOf(body: Readable): Promise<string> {
  let text = ''
  for await (const chunk of body) {
    text += String(chunk)
    if (text.length >= excerptLength) break
  }
  return JSON.stringify(text.slice(0, excerptLength))
}

async function authorizationOf(credentials: Credentials, fail: Fail): Promise<string | undefined> {
  switch (credentials.kind) {
    case 'none':
      return undefined
    case 'bearer':
      return `Bearer ${await secretIn(credentials.tokenFile, 'EXPORTER_BEARER_TOKEN_FILE', fail)}`
    case 'basic': {
      const secret = await secretIn(credentials.file, 'EXPORTER_BASIC_AUTH_FILE', fail)
      return `Basic ${Buffer.from(secret, 'utf8').toString('base64')}`
    }
  }
}

async function secretIn(path: string, variable: string, fail: Fail): Promise<string> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw fail('credentials-unreadable', `was not asked: ${variable} (${path}) cannot be read`, cause)
  }
  const secret = text.trim()
  // An HTTP header cannot hold control characters, and an empty secret would be refused with a riddle.
  if (secret === '' || /\p{Cc}/u.test(secret)) {
    throw fail('credentials-unreadable', `was not asked: ${variable} (${path}) must hold one non-empty line`)
  }
  return secret
}

/** The address without user, password and query, any of which may be a secret. */
export function printableUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`
}
