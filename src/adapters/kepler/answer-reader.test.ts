import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { AnswerError, AnswerReader } from './answer-reader.ts'

type Read = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly isComplete: boolean
  readonly isReusable: boolean
}

/** What is read out of bytes that come in pieces of these lengths, the last one again and again; 'end' closes the connection. */
function read(text: string, { pieces = [1e9], ends = false } = {}): Read {
  const heads: { status: number; headers: Readonly<Record<string, string>> }[] = []
  const body: Buffer[] = []
  const reader = new AnswerReader({
    onHead: ({ status, headers }) => heads.push({ status, headers: Object.fromEntries(headers) }),
    onBody: (piece) => body.push(Buffer.from(piece)) > 0,
  })
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = pieces[Math.min(turn, pieces.length - 1)] ?? bytes.length
    reader.push(Uint8Array.from(bytes.subarray(at, at + length)))
    at += length
  }
  if (ends) reader.end()
  const [head, ...others] = heads
  assert.deepEqual(others, [], 'there is one head')
  return {
    status: head?.status ?? 0,
    headers: head?.headers ?? {},
    body: Buffer.concat(body).toString('latin1'),
    isComplete: reader.isComplete,
    isReusable: reader.isReusable,
  }
}

const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

function complaintAbout(text: string, ends = false): AnswerError {
  try {
    read(text, { ends })
  } catch (error) {
    assert.ok(error instanceof AnswerError, String(error))
    return error
  }
  return assert.fail('it was read')
}

describe('an answer over HTTP/1.1', () => {
  it('of a known length ends after it, and leaves the connection for the next', () => {
    assert.deepEqual(read('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello'), {
      status: 200,
      headers: { 'content-type': 'text/plain', 'content-length': '5' },
      body: 'hello',
      isComplete: true,
      isReusable: true,
    })
  })

  it('in chunks ends with an empty one, whatever extensions and trailers there are', () => {
    const text = `${chunked}5;a="b"\r\nhello\r\n00A \r\n, chunked!\r\n0\r\nX-Sum: 1\r\n\r\n`
    const { body, isComplete, isReusable } = read(text)
    assert.deepEqual(
      { body, isComplete, isReusable },
      { body: 'hello, chunked!', isComplete: true, isReusable: true },
    )
  })

  it('of no stated length ends with the connection', () => {
    const { body, isComplete, isReusable } = read('HTTP/1.0 200 OK\r\n\r\nhello', { ends: true })
    assert.deepEqual({ body, isComplete, isReusable }, { body: 'hello', isComplete: true, isReusable: false })
  })

  it('has no body with status 204, or with length 0', () => {
    assert.equal(read('HTTP/1.1 204 No Content\r\n\r\n').isComplete, true)
    assert.equal(read('HTTP/1.1 500 \r\nContent-Length: 0\r\n\r\n').isComplete, true)
  })

  it('may be announced by interim answers', () => {
    const text = 'HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx'
    const { status, headers, body } = read(text)
    assert.deepEqual(
      { status, headers, body },
      { status: 200, headers: { 'content-length': '1' }, body: 'x' },
    )
  })

  it('joins a header that comes several times, and knows names in any case', () => {
    assert.equal(read('HTTP/1.1 200 OK\r\nVIA: a\r\nvia:b \r\n\r\n').headers['via'], 'a, b')
    assert.equal(read('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx').body, 'x')
  })

  it('is the same however the network cuts it', () => {
    const bodies = fc.array(fc.string({ minLength: 1, maxLength: 40 }), { maxLength: 8 })
    const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(bodies, cuts, fc.constantFrom('fixed', 'chunked'), (parts, pieces, framing) => {
        const bytes = parts.map((part) => Buffer.from(part, 'utf8').toString('latin1'))
        const body = bytes.join('')
        const text =
          framing === 'fixed'
            ? `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`
            : `${chunked}${bytes.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')}0\r\n\r\n`
        const { body: found, isComplete, isReusable } = read(text, { pieces })
        assert.deepEqual(
          { found, isComplete, isReusable },
          { found: body, isComplete: true, isReusable: true },
        )
      }),
    )
  })

  it('hands over chunks that came together as one piece', () => {
    const pieces: string[] = []
    const reader = new AnswerReader({
      onHead: () => {},
      onBody: (piece) => pieces.push(String.fromCharCode(...piece)) > 0,
    })
    reader.push(Buffer.from(`${chunked}2\r\nab\r\n3\r\ncde\r\n4\r\nf`))
    reader.push(Buffer.from('ghi\r\n0\r\n\r\n'))
    assert.deepEqual(pieces, ['abcdef', 'ghi'])
  })

  it('passes on that its listener wants no more for now', () => {
    for (const head of [
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n',
      `${chunked}9\r\n`,
      'HTTP/1.1 200 OK\r\n\r\n',
    ]) {
      const reader = new AnswerReader({ onHead: () => {}, onBody: () => false })
      assert.equal(reader.push(Buffer.from(head)), true)
      assert.equal(reader.push(Buffer.from('x')), false)
    }
  })
})

describe('a connection', () => {
  it('is not used again when the server says so, or speaks HTTP/1.0', () => {
    const closing = 'HTTP/1.1 200 OK\r\nConnection: X-Y, Close\r\nContent-Length: 1\r\n\r\nx'
    assert.equal(read(closing).isReusable, false)
    assert.equal(read('HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx').isReusable, false)
  })

  it('is not used again when more has come than was asked for', () => {
    assert.equal(read('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK').isReusable, false)
    assert.equal(read(`${chunked}1\r\nx\r\n0\r\n\r\nHTTP`).isReusable, false)
    assert.equal(read('HTTP/1.1 204 No\r\n\r\nx').isReusable, false)
  })

  it('is not used again when the length is given in two ways', () => {
    const text =
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n'
    const { body, isComplete, isReusable } = read(text)
    assert.deepEqual({ body, isComplete, isReusable }, { body: 'x', isComplete: true, isReusable: false })
  })
})

describe('an answer is not whole', () => {
  const beginnings = [
    '',
    'HTTP/1.1 200 OK\r\nContent',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell',
    `${chunked}5\r\nhello\r\n`,
    `${chunked}5\r\nhello\r\n0\r\n`,
  ]
  for (const text of beginnings) {
    it(`when it ends with ${JSON.stringify(text.slice(-12))}`, () => {
      assert.equal(complaintAbout(text, true).kind, 'cut-off')
    })
  }
})

describe('what is no answer over HTTP/1.1', () => {
  const malformed = [
    ['is another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', /not HTTP\/1\.1/],
    ['is HTTP/2', 'HTTP/2 200\r\n\r\n', /not HTTP\/1\.1/],
    ['has a header without a colon', 'HTTP/1.1 200 OK\r\nX\r\n\r\n', /name: value/],
    ['has a header that goes on in the next line', 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n', /name: value/],
    ['has two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n', /content length is "1, 2"/],
    ['has a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', /content length is "-1"/],
    [
      'is encoded beyond chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n',
      /"gzip, chunked"/,
    ],
    ['changes the protocol', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', /changes the protocol/],
    ['has a chunk without a size', `${chunked}\r\nx`, /no size/],
    ['has a chunk with a size that is none', `${chunked}5g\r\nx`, /no size/],
    ['has a chunk of too large a size', `${chunked}${'f'.repeat(14)}\r\nx`, /too large a size/],
    ['has a chunk that is longer than its size', `${chunked}2\r\nabc\r\n`, /longer than its size/],
    ['has a head without end', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(20_000)}`, /longer than 65536 bytes/],
    ['has an extension without end', `${chunked}1;${'x'.repeat(20_000)}`, /too long a size/],
    ['has trailers without end', `${chunked}0\r\n${'X: y\r\n'.repeat(20_000)}`, /or trailers/],
  ] as const
  for (const [title, text, message] of malformed) {
    it(title, () => {
      const { kind, message: said } = complaintAbout(text)
      assert.equal(kind, 'malformed')
      assert.match(said, message)
    })
  }
})
