/** What a server says before the body. Names of headers are in lower case; values given several times are joined by commas. */
export type AnswerHead = { readonly status: number; readonly headers: ReadonlyMap<string, string> }

export type AnswerListener = {
  readonly onHead: (head: AnswerHead) => void
  /** The piece is valid only during the call. False: no more for now. */
  readonly onBody: (piece: Uint8Array) => boolean
}

/** The answer was not whole when the connection ended, or it is not HTTP/1.1 as the standard demands. */
export class AnswerError extends Error {
  override name = 'AnswerError'
  readonly kind: 'cut-off' | 'malformed'

  constructor(kind: AnswerError['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

const malformed = (message: string) => new AnswerError('malformed', message)

const mostHeadBytes = 64 * 1024
const fewHeadBytes = 1024
/** Up to here a number of hexadecimal digits is exact. */
const mostSizeDigits = 13
/** Bytes of a chunk's size with its extensions, and of all trailers: nothing in them is needed. */
const mostFramingBytes = 16 * 1024

const tab = 0x09
const lineFeed = 0x0a
const carriageReturn = 0x0d
const space = 0x20
const semicolon = 0x3b

type State =
  | 'head'
  | 'fixed-length'
  | 'until-close'
  | 'chunk-size'
  | 'chunk-extension'
  | 'chunk-data'
  | 'chunk-end'
  | 'trailers'
  | 'complete'

/**
 * Reads one answer to a GET request out of the bytes of its connection, as HTTP/1.1 frames it (RFC 9112), in pieces cut
 * anywhere.
 *
 * Why not `node:http` or undici: of 75 MB from a local exporter, 75 chunks of a megabyte or 18,000 of four kilobytes, they
 * take 35 to 60 ms of processor time, this 10 to 15: a piece stays where the socket has put it. `npm run bench:scrape` shows it.
 */
export class AnswerReader {
  readonly #listener: AnswerListener
  #state: State = 'head'
  #head = Buffer.alloc(0)
  /** What is left of the body or of the chunk. */
  #remaining = 0
  #sizeDigits = 0
  #framingBytes = 0
  #trailerLineBytes = 0
  #isReusable = false

  constructor(listener: AnswerListener) {
    this.#listener = listener
  }

  get isComplete(): boolean {
    return this.#state === 'complete'
  }

  /** Whether the connection may carry another request after the complete answer. */
  get isReusable(): boolean {
    return this.#isReusable
  }

  /**
   * Takes the next bytes, and may move them about: chunks that lie behind one another are handed over as one piece.
   * False: no more for now. Throws AnswerError.
   */
  push(bytes: Uint8Array): boolean {
    const rest = this.#state === 'head' ? this.#pushHead(bytes) : bytes
    switch (this.#state) {
      case 'head':
        return true
      case 'complete':
        // What follows was not asked for: it is not known what it would answer.
        if (rest.length > 0) this.#isReusable = false
        return true
      case 'until-close':
        return rest.length === 0 || this.#listener.onBody(rest)
      case 'fixed-length':
        return this.#pushFixedLength(rest)
      case 'chunk-size':
      case 'chunk-extension':
      case 'chunk-data':
      case 'chunk-end':
      case 'trailers':
        return this.#pushChunks(rest)
    }
  }

  /** The connection has ended. Throws AnswerError for an answer that is not whole. */
  end(): void {
    this.#isReusable = false
    if (this.#state === 'until-close') this.#state = 'complete'
    if (this.#state === 'complete') return
    throw new AnswerError(
      'cut-off',
      `the connection ended inside the ${this.#state === 'head' ? 'head' : 'body'}`,
    )
  }

  /** Returns what follows the head. */
  #pushHead(bytes: Uint8Array): Uint8Array {
    for (let rest = bytes; ; ) {
      const before = this.#head.length
      // The head is seldom longer than this, and what follows it need not be copied.
      this.#head = Buffer.concat([this.#head, rest.subarray(0, fewHeadBytes)])
      const end = this.#head.indexOf('\r\n\r\n')
      if (end < 0) {
        if (this.#head.length > mostHeadBytes)
          throw malformed(`the head is longer than ${mostHeadBytes} bytes`)
        rest = rest.subarray(fewHeadBytes)
        if (rest.length > 0) continue
        return rest
      }
      const head = readHead(this.#head.toString('latin1', 0, end))
      rest = rest.subarray(end + 4 - before)
      this.#head = Buffer.alloc(0)
      // An interim answer; the real one follows (RFC 9110, 15.2).
      if (head.status < 200 && head.status !== 101) continue
      this.#frame(head)
      this.#listener.onHead(head)
      return rest
    }
  }

  /** How the body ends: RFC 9112, 6.3. */
  #frame({ status, headers, isVersion11 }: AnswerHead & { readonly isVersion11: boolean }): void {
    const coding = headers.get('transfer-encoding')
    const length = headers.get('content-length')
    const options = (headers.get('connection') ?? '').toLowerCase().split(/\s*,\s*/)
    this.#isReusable = isVersion11 && !options.includes('close')
    if (status === 101) throw malformed('the server changes the protocol, which was not asked for')
    if (status === 204 || status === 304) {
      this.#state = 'complete'
    } else if (coding !== undefined) {
      if (coding.toLowerCase() !== 'chunked') throw malformed(`the transfer encoding is "${coding}"`)
      // With both, someone on the way may see another end of the body than we do.
      if (length !== undefined) this.#isReusable = false
      this.#state = 'chunk-size'
    } else if (length !== undefined) {
      this.#remaining = lengthIn(length)
      this.#state = this.#remaining === 0 ? 'complete' : 'fixed-length'
    } else {
      this.#isReusable = false
      this.#state = 'until-close'
    }
  }

  #pushFixedLength(bytes: Uint8Array): boolean {
    if (bytes.length === 0) return true
    const piece = bytes.length > this.#remaining ? bytes.subarray(0, this.#remaining) : bytes
    this.#remaining -= piece.length
    if (piece.length < bytes.length) this.#isReusable = false
    if (this.#remaining === 0) this.#state = 'complete'
    return this.#listener.onBody(piece)
  }

  #pushChunks(bytes: Uint8Array): boolean {
    let at = 0
    /** What was found of the body stands in `bytes[from, to)`. */
    let from = 0
    let to = 0
    while (at < bytes.length && this.#state !== 'complete') {
      if (this.#state === 'chunk-data') {
        const end = Math.min(bytes.length, at + this.#remaining)
        if (to === 0) from = to = at
        if (to < at) bytes.copyWithin(to, at, end)
        to += end - at
        this.#remaining -= end - at
        at = end
        if (this.#remaining === 0) this.#state = 'chunk-end'
      } else {
        this.#takeFraming(bytes[at] ?? 0)
        at++
      }
    }
    if (at < bytes.length) this.#isReusable = false
    return to === from || this.#listener.onBody(bytes.subarray(from, to))
  }

  /** One byte of what stands around chunks: RFC 9112, 7.1. */
  #takeFraming(byte: number): void {
    this.#framingBytes++
    if (this.#framingBytes > mostFramingBytes) throw malformed('a chunk has too long a size, or trailers')
    if (this.#state === 'chunk-size') this.#takeSize(byte)
    else if (this.#state === 'chunk-extension') this.#takeExtension(byte)
    else if (this.#state === 'chunk-end') this.#takeChunkEnd(byte)
    else this.#takeTrailers(byte)
  }

  #takeSize(byte: number): void {
    const digit = hexadecimalDigit(byte)
    if (digit >= 0) {
      this.#sizeDigits++
      if (this.#sizeDigits > mostSizeDigits) throw malformed('a chunk has too large a size')
      this.#remaining = this.#remaining * 16 + digit
      return
    }
    const isEnd = byte === carriageReturn || byte === semicolon || byte === space || byte === tab
    if (this.#sizeDigits === 0 || !isEnd) throw malformed('a chunk has no size')
    this.#state = 'chunk-extension'
  }

  #takeExtension(byte: number): void {
    if (byte !== lineFeed) return
    this.#sizeDigits = 0
    this.#framingBytes = 0
    this.#state = this.#remaining > 0 ? 'chunk-data' : 'trailers'
  }

  #takeChunkEnd(byte: number): void {
    if (byte === carriageReturn) return
    if (byte !== lineFeed) throw malformed('a chunk is longer than its size')
    this.#framingBytes = 0
    this.#state = 'chunk-size'
  }

  /** They end with an empty line. */
  #takeTrailers(byte: number): void {
    if (byte === carriageReturn) return
    if (byte !== lineFeed) this.#trailerLineBytes++
    else if (this.#trailerLineBytes === 0) this.#state = 'complete'
    else this.#trailerLineBytes = 0
  }
}

function readHead(text: string): AnswerHead & { readonly isVersion11: boolean } {
  const [statusLine = '', ...lines] = text.split('\r\n')
  const [, minor, status] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: .*)?$/.exec(statusLine) ?? []
  if (status === undefined) throw malformed('the answer is not HTTP/1.1')
  const headers = new Map<string, string>()
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw malformed('a header is not of the form name: value')
    const key = name.toLowerCase()
    const before = headers.get(key)
    headers.set(key, before === undefined ? value : `${before}, ${value}`)
  }
  return { status: Number(status), headers, isVersion11: minor === '1' }
}

/** The same length may be given several times: RFC 9110, 8.6. */
function lengthIn(header: string): number {
  const [length, ...others] = new Set(header.split(/\s*,\s*/))
  if (length === undefined || others.length > 0 || !/^\d{1,15}$/.test(length)) {
    throw malformed(`the content length is "${header}"`)
  }
  return Number(length)
}

function hexadecimalDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lowerCase = byte | 0x20
  return lowerCase >= 0x61 && lowerCase <= 0x66 ? lowerCase - 0x57 : -1
}
