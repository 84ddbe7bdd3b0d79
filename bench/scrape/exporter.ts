/**
 * An exporter in a process of its own, so that its work is not counted as anyone else's. Started by
 * `exporter-process.ts`; it answers `GET /<client>/<node>/<framing>/<encoding>/metrics`.
 */
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createExporterBody, type ExporterBody, type ExporterBodyOptions } from './exporter-body.ts'
import type { ServedScrape } from './exporter-process.ts'

/** As large as the pieces in which the Go server sends what has no length. */
const chunkBytes = 4096
const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n'

const options = JSON.parse(process.argv[2] ?? '{}') as Omit<ExporterBodyOptions, 'node'>
const startedAt = performance.now()
const bodies = new Map<string, ExporterBody>()
const served: ServedScrape[] = []
/** One answer at a time: the next one patches the bytes. */
let turn: Promise<void> = Promise.resolve()

function bodyOf(node: string): ExporterBody {
  const body = bodies.get(node) ?? createExporterBody({ ...options, node })
  bodies.set(node, body)
  return body
}

async function answer(path: string, socket: Socket): Promise<void> {
  const [client = '', node = '', framing, encoding] = path.split('/').slice(1)
  const body = bodyOf(node)
  const milliseconds = Math.floor(performance.now() - startedAt)
  body.moveTo(milliseconds)
  const bytes = encoding === 'gzip' ? gzipSync(body.bytes, { level: 1 }) : body.bytes
  const isChunked = framing === 'chunked'
  socket.write(
    `${head}${encoding === 'gzip' ? 'Content-Encoding: gzip\r\n' : ''}${isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${bytes.length}`}\r\n\r\n`,
  )
  const isSent = await new Promise<boolean>((resolve) => {
    socket.write(isChunked ? inChunks(bytes) : bytes, (failure) => resolve(!(failure instanceof Error)))
  })
  if (isSent) served.push({ client, node, milliseconds, bytes: body.bytes.length })
}

/** What the Node.js server would write chunk by chunk, which takes it longer than all the rest. */
function inChunks(bytes: Uint8Array): Uint8Array {
  const chunks = Math.ceil(bytes.length / chunkBytes)
  const framed = Buffer.allocUnsafe(bytes.length + chunks * 8 + 5 + 8)
  let to = 0
  for (let from = 0; from < bytes.length; from += chunkBytes) {
    const chunk = bytes.subarray(from, from + chunkBytes)
    to += framed.write(`${chunk.length.toString(16)}\r\n`, to)
    framed.set(chunk, to)
    to += chunk.length
    to += framed.write('\r\n', to)
  }
  to += framed.write('0\r\n\r\n', to)
  return framed.subarray(0, to)
}

const sockets = new Set<Socket>()
const server = createServer((socket) => {
  let asked = ''
  sockets.add(socket)
  socket.on('close', () => sockets.delete(socket))
  socket.on('error', () => {})
  socket.on('data', (bytes) => {
    asked += bytes.toString('latin1')
    for (let end = asked.indexOf('\r\n\r\n'); end >= 0; end = asked.indexOf('\r\n\r\n')) {
      const path = /^GET (\S+) /.exec(asked)?.[1] ?? ''
      asked = asked.slice(end + 4)
      turn = turn.then(() => answer(path, socket))
    }
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const address = server.address()
if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
process.on('message', (question) => {
  // From now on nobody is answered, so that what was served is all there is.
  if (question === 'stop') {
    server.close()
    void turn.finally(() => {
      for (const socket of sockets) socket.destroy()
      process.send?.({ served })
    })
    return
  }
  process.send?.({ served })
})
process.on('disconnect', () => process.exit())
process.send?.({ port: address.port, ...describeBody() })

function describeBody() {
  const { bytes, series } = bodyOf('node-0')
  return { bytes: bytes.length, series }
}
