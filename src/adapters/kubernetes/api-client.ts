import { Buffer } from 'node:buffer'
import { Agent, type Dispatcher, errors, request } from 'undici'
import type { ClusterAccount } from './cluster-account.ts'
import { fieldsOf, textOf } from './json-fields.ts'
import { KubernetesError, type KubernetesFailure } from './kubernetes-error.ts'
import { linesOf } from './lines.ts'

export type ApiQuestion = {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly accept: string
}

/** Asks the API server. Everything that it does throws KubernetesError, or the signal's reason when that aborts. */
export type ApiClient = {
  /** A whole answer, as JSON. */
  get(question: ApiQuestion, signal: AbortSignal): Promise<unknown>
  /**
   * An answer of one JSON value a line that goes on until either side ends it. Resolves when it begins. It also ends
   * when nothing comes for a while: a connection may be dead without anyone having said so.
   */
  follow(question: ApiQuestion, signal: AbortSignal): Promise<AsyncIterable<unknown>>
  close(): Promise<void>
}

export type ApiLimits = {
  /** For a whole answer, and for the beginning of one that goes on. */
  readonly timeoutSeconds: number
  /** How long an answer that goes on may be silent; the server sends a bookmark about every minute. */
  readonly mostSilentSeconds: number
  readonly mostAnswerBytes: number
  readonly mostLineBytes: number
}

const usualLimits: ApiLimits = {
  timeoutSeconds: 30,
  mostSilentSeconds: 150,
  mostAnswerBytes: 32_000_000,
  /** etcd holds no object above 1.5 MB; as JSON it takes a few times that at most. */
  mostLineBytes: 8_000_000,
}

export function createApiClient(account: ClusterAccount, limits: Partial<ApiLimits> = {}): ApiClient {
  const { timeoutSeconds, mostSilentSeconds, mostAnswerBytes, mostLineBytes } = { ...usualLimits, ...limits }
  const agent = new Agent({
    // A watch has a connection of its own, so that no other answer can hold it up; there are as many as watches.
    allowH2: false,
    connect: { ca: account.authority, timeout: timeoutSeconds * 1000 },
    headersTimeout: timeoutSeconds * 1000,
    bodyTimeout: mostSilentSeconds * 1000,
  })
  const fail = (
    failure: KubernetesFailure,
    what: string,
    about: ConstructorParameters<typeof KubernetesError>[2] = {},
  ) => new KubernetesError(failure, `The Kubernetes API at ${account.server.host} ${what}`, about)

  async function ask(
    { path, query, accept }: ApiQuestion,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const url = new URL(path, account.server)
    url.search = new URLSearchParams(query).toString()
    const response = await request(url, {
      dispatcher: agent,
      signal,
      headers: { accept, authorization: `Bearer ${await account.token()}`, 'user-agent': 'co2-api' },
    })
    // A body that is left unread fails when it is destroyed, with no one to hear of it.
    response.body.on('error', () => {})
    if (response.statusCode !== 200) throw await refusal(response, path)
    return response
  }

  async function refusal(
    { statusCode, headers, body }: Dispatcher.ResponseData,
    path: string,
  ): Promise<KubernetesError> {
    const said = textOf(fieldsOf(await beginningAsJson(body))['message'])
    const retryAfterSeconds = Number(headers['retry-after'] ?? 0) || 0
    return fail(
      failureOfStatus(statusCode),
      `answered ${path} with status ${statusCode}${said === undefined ? '' : `: ${said.slice(0, 300)}`}`,
      { retryAfterSeconds: Math.min(Math.max(0, retryAfterSeconds), mostRetryAfterSeconds) },
    )
  }

  function translated(cause: unknown, stop: AbortSignal): KubernetesError {
    stop.throwIfAborted()
    if (cause instanceof KubernetesError) return cause
    if (cause instanceof RangeError) return fail('too-large', `sent too much: ${cause.message}`, { cause })
    if (
      (cause instanceof Error && cause.name === 'TimeoutError') ||
      cause instanceof errors.HeadersTimeoutError
    )
      return fail('timed-out', `did not answer within ${timeoutSeconds} s`, { cause })
    return fail('unreachable', `could not be read: ${reasonOf(cause)}`, { cause })
  }

  async function* parsedLines(body: Dispatcher.ResponseData['body'], stop: AbortSignal): AsyncGenerator {
    try {
      for await (const line of linesOf(body, mostLineBytes)) {
        if (line.trim() !== '') yield parsed(line)
      }
    } catch (cause) {
      if (cause instanceof errors.BodyTimeoutError) return
      throw translated(cause, stop)
    } finally {
      body.destroy()
    }
  }

  function parsed(text: string): unknown {
    try {
      return JSON.parse(text)
    } catch {
      // The parser's own message quotes the text.
      throw fail('unexpected-answer', 'answered with something that is not JSON')
    }
  }

  return {
    async get(question, stop) {
      stop.throwIfAborted()
      const signal = AbortSignal.any([stop, AbortSignal.timeout(timeoutSeconds * 1000)])
      try {
        const { body } = await ask(question, signal)
        const chunks: Uint8Array[] = []
        let length = 0
        for await (const chunk of body) {
          if (!(chunk instanceof Uint8Array)) continue
          length += chunk.length
          if (length > mostAnswerBytes)
            throw new RangeError(`an answer holds more than ${mostAnswerBytes} bytes`)
          chunks.push(chunk)
        }
        return parsed(Buffer.concat(chunks, length).toString('utf8'))
      } catch (cause) {
        throw translated(cause, stop)
      }
    },

    async follow(question, stop) {
      stop.throwIfAborted()
      try {
        const { body } = await ask(question, stop)
        return parsedLines(body, stop)
      } catch (cause) {
        throw translated(cause, stop)
      }
    },

    async close() {
      await agent.destroy()
    },
  }
}

const mostRetryAfterSeconds = 300

function failureOfStatus(status: number): KubernetesFailure {
  if (status === 401) return 'unauthorised'
  if (status === 403) return 'forbidden'
  if (status === 410) return 'expired'
  return status === 429 ? 'throttled' : 'bad-status'
}

const mostRefusalBytes = 16_384

async function beginningAsJson(body: Dispatcher.ResponseData['body']): Promise<unknown> {
  let text = ''
  for await (const chunk of body) {
    text += String(chunk)
    if (text.length > mostRefusalBytes) return undefined
  }
  try {
    return JSON.parse(text)
  } catch {
    // A proxy on the way answers with a page of its own; the status tells enough.
    return undefined
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return 'code' in cause && typeof cause.code === 'string' ? `${cause.code} ${cause.message}` : cause.message
}
