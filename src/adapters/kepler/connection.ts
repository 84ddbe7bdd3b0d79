import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { AnswerError, type AnswerListener, AnswerReader } from './answer-reader.ts'

export type ConnectionOptions = {
  readonly url: URL
  /** A PEM bundle that the server's certificate must lead to; undefined for the well-known authorities. */
  readonly authority: string | undefined
  /** The name that its certificate must bear, where that is not the host of the URL. */
  readonly serverName: string | undefined
}

/** One request and what comes of it. */
export type Exchange = AnswerListener & {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** The connection to one server, which is opened when it is needed and kept open between requests. */
export type Connection = {
  /**
   * Sends a GET request and hands over what is answered. Resolves at the end of a whole answer. Rejects with AnswerError,
   * with what a listener threw, with the signal's reason, or with what the system says; the connection is then closed.
   */
  get(exchange: Exchange): Promise<void>
  /** Goes on after a listener has asked for a pause. */
  resume(): void
  close(): void
}

/**
 * What is read from any socket lies here until it has been dealt with, which is before the next read. One for all
 * connections: memory that is always in the processor's cache. 64 KiB take 1.5 times as long.
 */
let readBuffer: Uint8Array<ArrayBuffer> | undefined
const readBufferBytes = 256 * 1024

export function createConnection(options: ConnectionOptions): Connection {
  const { url } = options
  let socket: Socket | undefined
  let present: PresentExchange | undefined

  function open(): Socket {
    readBuffer ??= new Uint8Array(readBufferBytes)
    const opened = connectTo(options, { buffer: readBuffer, callback: takeBytes })
    const isPresent = () => socket === opened
    opened.setNoDelay(true)
    opened.on('error', (cause) => isPresent() && finish(cause))
    opened.on('end', () => isPresent() && takeEnd())
    opened.on('close', () => isPresent() && finish(new AnswerError('cut-off', 'the connection was closed')))
    return opened
  }

  function takeBytes(length: number, buffer: Uint8Array): boolean {
    // Without a request it is not known what this would answer.
    if (present === undefined) return drop()
    const { reader } = present
    try {
      const goesOn = reader.push(buffer.subarray(0, length))
      if (reader.isComplete) finish()
      return goesOn || reader.isComplete
    } catch (cause) {
      finish(cause)
      return false
    }
  }

  function takeEnd(): void {
    if (present === undefined) {
      drop()
      return
    }
    try {
      present.reader.end()
      finish()
    } catch (cause) {
      finish(cause)
    }
  }

  function drop(): false {
    socket?.destroy()
    socket = undefined
    return false
  }

  function finish(failure?: unknown): void {
    const finished = present
    present = undefined
    if (failure !== undefined || finished?.reader.isReusable !== true) drop()
    if (failure === undefined) finished?.resolve()
    else finished?.reject(failure)
  }

  async function attempt({ path, headers, signal, onHead, onBody }: Exchange): Promise<void> {
    signal.throwIfAborted()
    if (present !== undefined) throw new Error('the answer to the request before is still coming')
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const reader = new AnswerReader({ onHead, onBody })
    present = { reader, resolve, reject }
    const abort = () => finish(signal.reason)
    signal.addEventListener('abort', abort)
    socket ??= open()
    const lines = Object.entries({ host: url.host, ...headers }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    )
    socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  return {
    async get(exchange) {
      const isKept = socket !== undefined
      let hasBegun = false
      try {
        await attempt({
          ...exchange,
          onHead: (head) => {
            hasBegun = true
            exchange.onHead(head)
          },
        })
      } catch (cause) {
        // A server may close a connection that was idle just when it is used again: RFC 9112, 9.3.1.
        if (!isKept || hasBegun || exchange.signal.aborted) throw cause
        await attempt(exchange)
      }
    },

    resume() {
      socket?.resume()
    },

    close() {
      finish(new AnswerError('cut-off', 'the connection was closed'))
    },
  }
}

type PresentExchange = {
  readonly reader: AnswerReader
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

type ReadInto = {
  readonly buffer: Uint8Array
  readonly callback: (length: number, buffer: Uint8Array) => boolean
}

function connectTo({ url, authority, serverName }: ConnectionOptions, onread: ReadInto): Socket {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (url.protocol === 'http:') return connectTcp({ host, port: Number(url.port || 80), onread })
  const options = {
    host,
    port: Number(url.port || 443),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(authority === undefined ? {} : { ca: authority }),
    ALPNProtocols: ['http/1.1'],
    onread,
  }
  return connectTls(options)
}
