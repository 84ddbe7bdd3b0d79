import assert from 'node:assert/strict'
import { once } from 'node:events'
import net, { type Socket } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { AnswerError } from './answer-reader.ts'
import { type Connection, createConnection, type Exchange } from './connection.ts'

/** Which request it is, on which connection, and all of its text. */
type Asked = { readonly connection: number; readonly request: number; readonly text: string }

/** A server that deals with the `n`-th request of the `connection`-th connection as it is told. */
async function serve(t: TestContext, answer: (socket: Socket, asked: Asked) => void): Promise<Connection> {
  const sockets: Socket[] = []
  const server = net.createServer((socket) => {
    const connection = sockets.push(socket)
    let request = 0
    socket.on('data', (bytes) => answer(socket, { connection, request: ++request, text: bytes.toString() }))
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const connection = createConnection({
    url: new URL(`http://127.0.0.1:${address.port}/`),
    authority: undefined,
    serverName: undefined,
  })
  t.after(() => {
    connection.close()
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return connection
}

async function get(connection: Connection, about: Partial<Exchange> = {}): Promise<string> {
  let body = ''
  await connection.get({
    path: '/metrics',
    headers: {},
    signal: new AbortController().signal,
    onHead: () => {},
    onBody: (piece) => (body += new TextDecoder().decode(piece)).length > 0,
    ...about,
  })
  return body
}

const answerOf = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`

describe('the connection to a server', () => {
  it('is kept open between requests', async (t) => {
    const connection = await serve(t, (socket, { connection, request }) =>
      socket.write(answerOf(`${connection}.${request}`)),
    )
    assert.equal(await get(connection), '1.1')
    assert.equal(await get(connection), '1.2')
  })

  it('asks for the path, with the headers', async (t) => {
    const connection = await serve(t, (socket, { text }) => socket.write(answerOf(text)))
    assert.match(
      await get(connection, { path: '/m?a=b', headers: { accept: 'text/plain' } }),
      /^GET \/m\?a=b HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\naccept: text\/plain\r\n\r\n$/,
    )
  })

  it('is opened anew when the server says that it closes it', async (t) => {
    const connection = await serve(t, (socket, { connection }) =>
      socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n${connection}`),
    )
    assert.equal(await get(connection), '1')
    assert.equal(await get(connection), '2')
  })

  it('is opened anew when the server closed it just as it was used again', async (t) => {
    const connection = await serve(t, (socket, { connection, request }) => {
      if (connection === 1 && request === 2) socket.destroy()
      else socket.write(answerOf(`${connection}.${request}`))
    })
    assert.equal(await get(connection), '1.1')
    assert.equal(await get(connection), '2.1')
  })

  it('is opened anew when something came that nobody had asked for', async (t) => {
    const connection = await serve(t, (socket, { connection }) =>
      socket.write(`${answerOf(String(connection))}HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong`),
    )
    assert.equal(await get(connection), '1')
    assert.equal(await get(connection), '2')
  })

  it('is not opened again for an answer that breaks off', async (t) => {
    let connections = 0
    const connection = await serve(t, (socket, { connection }) => {
      connections = connection
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell')
    })
    await assert.rejects(get(connection), (error) => error instanceof AnswerError && error.kind === 'cut-off')
    assert.equal(connections, 1)
  })

  it('is closed when what listens throws, and says what was thrown', async (t) => {
    const connection = await serve(t, (socket, { connection }) => socket.write(answerOf(String(connection))))
    const failing = get(connection, {
      onBody: () => {
        throw new RangeError('enough')
      },
    })
    await assert.rejects(failing, /enough/)
    assert.equal(await get(connection), '2')
  })

  it('is closed when the signal aborts, with its reason', async (t) => {
    const stop = new AbortController()
    const connection = await serve(t, (socket, { connection }) => {
      if (connection === 1) stop.abort(new Error('no more'))
      else socket.write(answerOf('x'))
    })
    await assert.rejects(get(connection, { signal: stop.signal }), /no more/)
    await assert.rejects(get(connection, { signal: stop.signal }), /no more/)
    assert.equal(await get(connection), 'x')
  })

  it('waits while what listens is not ready for more', async (t) => {
    const connection = await serve(t, (socket) => socket.write(answerOf('0123456789'.repeat(100_000))))
    let pauses = 0
    let length = 0
    await get(connection, {
      onBody: (piece) => {
        length += piece.length
        pauses += 1
        setImmediate(() => connection.resume())
        return false
      },
    })
    assert.equal(length, 1_000_000)
    assert.ok(pauses > 1)
    assert.equal((await get(connection)).length, 1_000_000)
  })

  it('that nobody answers is refused with the reason of the system', async () => {
    const nobody = createConnection({
      url: new URL('http://127.0.0.1:1'),
      authority: undefined,
      serverName: undefined,
    })
    await assert.rejects(get(nobody), /ECONNREFUSED/)
  })

  it('carries one request at a time', async (t) => {
    const connection = await serve(t, () => {})
    const first = get(connection)
    await assert.rejects(get(connection), /still coming/)
    connection.close()
    await assert.rejects(first)
  })
})
