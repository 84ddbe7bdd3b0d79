/**
 * An exporter in a process of its own, so that its work is not counted as anyone else's. Started by
 * `exporter-process.ts`; it answers `GET /<client>/<node>/<framing>/<encoding>/metrics`.
 */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { createExporterBody, type ExporterBody, type ExporterBodyOptions } from './exporter-body.ts'
import type { ServedScrape } from './exporter-process.ts'

/** As large as the pieces in which the Go server sends what has no length. */
const chunkBytes = 4096
const contentType = 'text/plain; version=0.0.4; charset=utf-8'

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

async function answer(path: string, response: ServerResponse): Promise<void> {
  const [client = '', node = '', framing, encoding] = path.split('/').slice(1)
  const body = bodyOf(node)
  const milliseconds = Math.floor(performance.now() - startedAt)
  body.moveTo(milliseconds)
  const bytes = encoding === 'gzip' ? gzipSync(body.bytes, { level: 1 }) : body.bytes
  response.writeHead(200, {
    'content-type': contentType,
    ...(encoding === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
    ...(framing === 'fixed' ? { 'content-length': bytes.length } : {}),
  })
  if (framing === 'fixed') {
    response.end(bytes)
  } else {
    for (let at = 0; at < bytes.length && !response.destroyed; at += chunkBytes) {
      if (!response.write(bytes.subarray(at, at + chunkBytes))) await once(response, 'drain')
    }
    response.end()
  }
  await once(response, 'close')
  served.push({ client, node, milliseconds, bytes: body.bytes.length })
}

const server = createServer((request, response) => {
  turn = turn.then(() => answer(request.url ?? '', response)).catch(() => void response.destroy())
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const address = server.address()
if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
process.on('message', (question) => {
  // From now on nobody is answered, so that what was served is all there is.
  if (question === 'stop') server.close().closeIdleConnections()
  process.send?.({ served })
})
process.on('disconnect', () => process.exit())
process.send?.({ port: address.port, ...describeBody() })

function describeBody() {
  const { bytes, series } = bodyOf('node-0')
  return { bytes: bytes.length, series }
}
