import { Buffer } from 'node:buffer'
import { Agent, request } from 'undici'

/** The service could not be reached, or refused what was asked. The message says who and why, and no secret. */
export class ServiceError extends Error {
  override name = 'ServiceError'
  /** Of the answer; undefined when there was none. */
  readonly status: number | undefined

  constructor(message: string, options: ErrorOptions & { readonly status?: number } = {}) {
    super(message, options)
    this.status = options.status
  }
}

export type ServiceAnswer = { readonly text: string; readonly headers: ReadonlyMap<string, string> }

/** A running co2-api, asked over HTTP. */
export type ServiceClient = {
  /** Where it is, without any secret. */
  readonly address: string
  /** The address of a question. */
  urlOf(path: string, parameters: URLSearchParams): URL
  /** Throws ServiceError for anything but a whole answer with status 200, and the signal's reason when it aborts. */
  get(path: string, parameters: URLSearchParams, signal: AbortSignal): Promise<ServiceAnswer>
  close(): Promise<void>
}

export type ServiceClientOptions = {
  /** May have a path, as behind a proxy. */
  readonly url: URL
  readonly token: string | undefined
  /** A PEM bundle that the service's certificate must lead to; undefined for the well-known authorities. */
  readonly authority: string | undefined
  readonly timeoutSeconds?: number
  /** The most that one answer may hold. A million numbers take 20 MB. */
  readonly mostBytes?: number
}

const defaultTimeoutSeconds = 120
const defaultMostBytes = 256 * 1024 * 1024

export function createServiceClient(options: ServiceClientOptions): ServiceClient {
  const { url, token, authority } = options
  const timeoutSeconds = options.timeoutSeconds ?? defaultTimeoutSeconds
  const mostBytes = options.mostBytes ?? defaultMostBytes
  const base = url.pathname.replace(/\/$/, '')
  const address = `${url.protocol}//${url.host}${base}`
  const agent = new Agent({
    connect: { timeout: 10_000, ...(authority === undefined ? {} : { ca: authority }) },
    headersTimeout: timeoutSeconds * 1000,
    bodyTimeout: timeoutSeconds * 1000,
  })

  function urlOf(path: string, parameters: URLSearchParams): URL {
    const target = new URL(url.origin)
    target.pathname = `${base}${path}`
    target.search = parameters.toString()
    return target
  }

  return {
    address,
    urlOf,

    async get(path, parameters, stop) {
      stop.throwIfAborted()
      const timeout = AbortSignal.timeout(timeoutSeconds * 1000)
      try {
        const { statusCode, headers, body } = await request(urlOf(path, parameters), {
          dispatcher: agent,
          signal: AbortSignal.any([stop, timeout]),
          headers: {
            'user-agent': 'co2-api',
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          },
        })
        // Leaving a body unread makes it fail, with no one to hear of it: that would end the process.
        body.on('error', () => {})
        const text = await wholeText(body, mostBytes)
        if (text === undefined)
          throw new ServiceError(`${address} answered with more than ${mostBytes} bytes`)
        if (statusCode !== 200) throw refusal({ address, path, status: statusCode, text })
        return { text, headers: textHeaders(headers) }
      } catch (cause) {
        if (cause instanceof ServiceError) throw cause
        stop.throwIfAborted()
        if (timeout.aborted)
          throw new ServiceError(`${address} did not answer whole within ${timeoutSeconds} s`, { cause })
        throw new ServiceError(
          `${address} could not be reached: ${reasonOf(cause)}; is the service running there?`,
          {
            cause,
          },
        )
      }
    },

    close: () => agent.destroy(),
  }
}

const mostSaidCharacters = 500

function refusal(about: {
  readonly address: string
  readonly path: string
  readonly status: number
  readonly text: string
}): ServiceError {
  const { address, path, status, text } = about
  const said = errorIn(text) ?? text.replaceAll(/\s+/g, ' ').slice(0, mostSaidCharacters).toWellFormed()
  switch (status) {
    case 400:
    case 403:
    case 406:
      return new ServiceError(said, { status })
    case 401:
      return new ServiceError(`${address} wants a token: give one with --token-file (it said: ${said})`, {
        status,
      })
    case 404:
      return new ServiceError(`${address} has no ${path}: is it co2-api, and not an older version?`, {
        status,
      })
    default:
      return new ServiceError(`${address} answered with status ${status}: ${said}`, { status })
  }
}

function errorIn(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text)
    const isError =
      typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'string'
    return isError ? String(body.error) : undefined
  } catch {
    return undefined
  }
}

function textHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value ?? ''].flat().join(', ')]),
  )
}

/** Undefined when the body is longer than `mostBytes`. */
async function wholeText(body: AsyncIterable<unknown>, mostBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue
    length += chunk.length
    if (length > mostBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length).toString('utf8')
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
}
