import { readFile } from 'node:fs/promises'
import { ScrapeError, type ScrapeFailure } from '../../flows/energy-source.ts'
import type { Instant } from '../../units.ts'
import { AnswerError, type AnswerHead } from './answer-reader.ts'
import {
  type BodyReceiver,
  createInflater,
  createLimitedReceiver,
  createPlainReceiver,
} from './body-receiver.ts'
import { createConnection } from './connection.ts'

export type MetricsEndpoint = {
  readonly url: URL
  readonly timeoutSeconds: number
  /** The most that a body may hold, before and after decompression. */
  readonly maxBodyBytes: number
  readonly credentials: Credentials
  /** A PEM bundle that the server's certificate must lead to; undefined for the well-known authorities. */
  readonly authority: string | undefined
  /** The name that its certificate must bear, where that is not the host of the URL. */
  readonly serverName?: string | undefined
}

/** Files are read at every scrape: Kubernetes renews its tokens under a running process. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly tokenFile: string }
  /** The file holds `user:password` on one line. */
  | { readonly kind: 'basic'; readonly file: string }

/** What is known of an answer when it begins to arrive. */
export type MetricsHead = {
  readonly contentType: string | undefined
  readonly receivedAt: Instant
}

/** Takes a body in, piece by piece. A piece is valid only during the call. May throw ScrapeError. */
export type BodyTaker = { push(piece: Uint8Array): void }

export type MetricsClient = {
  /**
   * Hands the body over to what `begin` gives for its head, which is then returned. Throws ScrapeError for anything but
   * a whole answer with status 200. Redirects are not followed.
   */
  fetch<Taker extends BodyTaker>(begin: (head: MetricsHead) => Taker, signal: AbortSignal): Promise<Taker>
  close(): void
}

/** OpenMetrics first: its end mark proves that the body is whole. */
const wantedFormats =
  'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.9,text/plain;q=0.8,*/*;q=0.1'
/**
 * On a cluster's network inflating a body costs ten times as much as receiving it. To name gzip with a lower weight would
 * not do: what legacy Kepler answers with looks for the word alone (client_golang 1.19, prometheus/promhttp, gzipAccepted).
 * A compressed answer is understood all the same.
 */
const wantedEncodings = 'identity'

export function createMetricsClient(endpoint: MetricsEndpoint, now: () => Instant): MetricsClient {
  const { url, authority, timeoutSeconds } = endpoint
  const target = printableUrl(url)
  const connection = createConnection({ url, authority, serverName: endpoint.serverName })

  const fail = (failure: ScrapeFailure, what: string, cause?: unknown) =>
    new ScrapeError(failure, `${target} ${what}`, cause === undefined ? undefined : { cause })

  const limit = {
    mostBytes: endpoint.maxBodyBytes,
    tooMany: () =>
      fail(
        'too-large',
        `answered with more than the ${endpoint.maxBodyBytes} bytes that EXPORTER_MAX_BODY_MB allows`,
      ),
  }

  /** What the body of an answer goes through on its way to `taker`. */
  function receiverFor(
    head: AnswerHead,
    taker: BodyTaker,
    onFailure: (cause: unknown) => void,
  ): BodyReceiver {
    const encoding = head.headers.get('content-encoding')?.toLowerCase() ?? 'identity'
    const plain = createLimitedReceiver(
      createPlainReceiver((piece) => taker.push(piece)),
      limit,
    )
    if (encoding === 'identity') return plain
    if (encoding !== 'gzip' && encoding !== 'x-gzip') {
      throw fail('not-an-exposition', `answered in the encoding "${encoding}", which was not asked for`)
    }
    const onReadyForMore = () => connection.resume()
    return createLimitedReceiver(createInflater(plain, { onFailure, onReadyForMore }), limit)
  }

  return {
    async fetch(begin, stop) {
      // One for all that may end it, and a timer that goes with it: signals made of signals outlive what they were for.
      const ending = new AbortController()
      let isTimedOut = false
      const timer = setTimeout(() => {
        isTimedOut = true
        ending.abort(new DOMException('the time is up', 'TimeoutError'))
      }, timeoutSeconds * 1000)
      const onStop = () => ending.abort(stop.reason)
      stop.addEventListener('abort', onStop)
      if (stop.aborted) onStop()
      const answer: { taker?: ReturnType<typeof begin>; receiver?: BodyReceiver } = {}
      try {
        const authorization = await authorizationOf(endpoint.credentials, fail)
        await connection.get({
          path: `${url.pathname}${url.search}`,
          headers: {
            accept: wantedFormats,
            'accept-encoding': wantedEncodings,
            'user-agent': 'co2-api',
            ...(authorization === undefined ? {} : { authorization }),
          },
          signal: ending.signal,
          onHead(head) {
            if (head.status === 200) {
              answer.taker = begin({ contentType: head.headers.get('content-type'), receivedAt: now() })
              answer.receiver = receiverFor(head, answer.taker, (cause) => ending.abort(cause))
            } else {
              answer.receiver = createRefusal(head.status, fail)
            }
          },
          onBody: (piece) => answer.receiver?.push(piece) ?? true,
        })
        await answer.receiver?.end()
      } catch (cause) {
        answer.receiver?.abandon()
        if (cause instanceof ScrapeError) throw cause
        if (isTimedOut) {
          const limit = `the ${timeoutSeconds} s of EXPORTER_TIMEOUT`
          throw fail('timed-out', `did not answer whole within ${limit}`, cause)
        }
        throw translated(cause, { hasBegun: answer.receiver !== undefined, fail })
      } finally {
        clearTimeout(timer)
        stop.removeEventListener('abort', onStop)
      }
      if (answer.taker === undefined) throw new Error('an answer that is whole has a head')
      return answer.taker
    },

    close() {
      connection.close()
    },
  }
}

type Fail = (failure: ScrapeFailure, what: string, cause?: unknown) => ScrapeError

const excerptLength = 200

/** Of a refusal no more than its beginning is read. */
function createRefusal(status: number, fail: Fail): BodyReceiver {
  const decoder = new TextDecoder()
  let text = ''
  const refusal = () =>
    fail('bad-status', `answered with status ${status}: ${JSON.stringify(text.slice(0, excerptLength))}`)
  return {
    push(piece) {
      text += decoder.decode(piece, { stream: true })
      if (text.length >= excerptLength) throw refusal()
      return true
    },
    async end() {
      throw refusal()
    },
    abandon() {},
  }
}

function translated(cause: unknown, { hasBegun, fail }: { hasBegun: boolean; fail: Fail }): ScrapeError {
  const code = codeOf(cause)
  const message = (cause instanceof Error ? cause.message : String(cause)) || code
  if (cause instanceof AnswerError && cause.kind === 'malformed') {
    return fail('not-an-exposition', `answered with what is not HTTP: ${message}`, cause)
  }
  if (code?.startsWith('Z_') === true && code !== 'Z_BUF_ERROR') {
    return fail('not-an-exposition', `answered with a body that cannot be inflated (${message})`, cause)
  }
  if (hasBegun || cause instanceof AnswerError) {
    return fail('cut-off', `closed the connection before the answer was whole (${message})`, cause)
  }
  return fail('unreachable', `could not be read: ${message}`, cause)
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
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
