import { Buffer } from 'node:buffer'
import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Agent, type Dispatcher, errors, request } from 'undici'
import type { HttpAnswer, HttpGet } from '../../intensity/http-get.ts'
import { SourceError, type SourceFailure } from '../../intensity/source.ts'
import { createPrivateAddresses } from './private-address.ts'

export type WebClient = {
  readonly httpGet: HttpGet
  close(): Promise<void>
}

export type WebClientOptions = {
  /** For one request, from the first packet to the last byte, redirect included. */
  readonly timeoutSeconds?: number
  /** The most that a body may hold, before and after decompression. A year of hourly figures takes 1 MB. */
  readonly maxBodyBytes?: number
  /** How names become addresses. */
  readonly resolve?: LookupFunction
}

const defaultTimeoutSeconds = 30
const defaultMaxBodyBytes = 8 * 1024 * 1024
const connectionsPerHost = 4

/**
 * Asks web servers over HTTP and HTTPS (certificates are verified). One redirect is followed, and only to where the
 * request went in the first place: same host and port, or from http to https. A name of the public Internet that
 * leads to a private address is refused: a server elsewhere shall not make us ask what stands beside us.
 */
export function createWebClient(options: WebClientOptions = {}): WebClient {
  const timeoutSeconds = options.timeoutSeconds ?? defaultTimeoutSeconds
  const maxBodyBytes = options.maxBodyBytes ?? defaultMaxBodyBytes
  const agent = new Agent({
    connections: connectionsPerHost,
    connect: { timeout: timeoutSeconds * 1000, lookup: publicLookup(options.resolve ?? lookup) },
  })

  return {
    async httpGet(url, { headers, signal: stop }) {
      stop.throwIfAborted()
      const timeout = AbortSignal.timeout(timeoutSeconds * 1000)
      const signal = AbortSignal.any([stop, timeout])
      const ask = async (target: URL) =>
        await wholeAnswer(
          await request(target, {
            dispatcher: agent,
            signal,
            headers: { accept: 'application/json', ...headers, ...ownHeaders },
          }),
          { host: url.host, maxBodyBytes },
        )
      try {
        const answer = await ask(url)
        const target = redirectTarget(answer, url)
        return target === undefined ? answer : await ask(target)
      } catch (cause) {
        if (cause instanceof SourceError) throw cause
        stop.throwIfAborted()
        if (timeout.aborted || cause instanceof errors.ConnectTimeoutError) {
          throw failed(
            { kind: 'timed-out' },
            `${url.host} did not answer whole within ${timeoutSeconds} s`,
            cause,
          )
        }
        if (reasonOf(cause).startsWith('Z_')) {
          throw failed(
            { kind: 'unexpected-answer' },
            `${url.host} answered with a body that cannot be inflated`,
            cause,
          )
        }
        throw failed({ kind: 'unreachable' }, `${url.host} could not be reached: ${reasonOf(cause)}`, cause)
      }
    },

    async close() {
      await agent.destroy()
    },
  }
}

const ownHeaders = { 'user-agent': 'co2-api', 'accept-encoding': 'gzip' }

function failed(failure: SourceFailure, message: string, cause?: unknown): SourceError {
  return new SourceError(failure, message, cause === undefined ? undefined : { cause })
}

/** The code of an error, or its kind: messages may quote what was sent. */
function reasonOf(cause: unknown): string {
  if (cause instanceof PrivateAddressError) return cause.message
  if (!(cause instanceof Error)) return 'unknown'
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name
}

/** Where an answer sends us, if we may go there. */
function redirectTarget({ status, headers }: HttpAnswer, from: URL): URL | undefined {
  const location = headers['location']
  if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) return undefined
  if (!URL.canParse(location, from)) return undefined
  const to = new URL(location, from)
  const isUpgrade =
    from.protocol === 'http:' && to.protocol === 'https:' && from.hostname === to.hostname && to.port === ''
  return to.origin === from.origin || isUpgrade ? to : undefined
}

type Limits = { readonly host: string; readonly maxBodyBytes: number }

async function wholeAnswer(response: Dispatcher.ResponseData, limits: Limits): Promise<HttpAnswer> {
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )
  const bytes = await wholeBody(response.body, headers['content-encoding'], limits)
  return { status: response.statusCode, headers, text: new TextDecoder().decode(bytes) }
}

async function wholeBody(body: Readable, encoding: string | undefined, limits: Limits): Promise<Uint8Array> {
  // Leaving a body unread makes it fail, with no one to hear of it: that would end the process.
  body.on('error', () => {})
  if (encoding === undefined || encoding === '' || encoding === 'identity')
    return await collected(body, body, limits)
  if (encoding !== 'gzip') {
    body.destroy()
    throw failed(
      { kind: 'unexpected-answer' },
      `${limits.host} answered in an encoding that was not asked for`,
    )
  }
  const gunzip = createGunzip()
  // A connection that breaks must break the inflating too: it would wait for ever for the rest.
  body.once('error', (cause) => gunzip.destroy(cause))
  return await collected(body.pipe(gunzip), body, limits)
}

async function collected(
  stream: Readable,
  body: Readable,
  { host, maxBodyBytes }: Limits,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) continue
    length += chunk.length
    if (length > maxBodyBytes) {
      body.destroy()
      throw failed({ kind: 'unexpected-answer' }, `${host} answered with more than ${maxBodyBytes} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}

class PrivateAddressError extends Error {
  override name = 'PrivateAddressError'
}

/** Resolves a name, and fails when it is a public one with a private address. */
function publicLookup(resolve: LookupFunction): LookupFunction {
  const privateAddresses = createPrivateAddresses()
  return (hostname, options, callback) => {
    resolve(hostname, options, (error, found, family) => {
      const addresses = typeof found === 'string' ? [found] : (found ?? []).map(({ address }) => address)
      if (
        error === null &&
        !privateAddresses.names(hostname) &&
        addresses.some((address) => privateAddresses.has(address))
      ) {
        callback(new PrivateAddressError('its name leads to a private address'), [])
        return
      }
      callback(error, found, family)
    })
  }
}
