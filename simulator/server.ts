import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { SimulatedNode } from './hardware.ts'
import { formatFor, isGzipWanted } from './negotiation.ts'
import type { Dialect } from './readings.ts'
import { loadRecordedError, loadRecording, type Recording } from './recording.ts'
import { type Format, renderReading, renderWithoutPower } from './render.ts'

/**
 * What may go wrong with a scrape. `status-500`: Kepler's own answer to a duplicate series; `html`: a proxy's page
 * with status 200; `cut`: the connection breaks inside the body; `cut-clean`: the body ends inside a line though
 * HTTP says it is whole; `no-power-families`: Kepler could not measure; `slow`: no answer, ever; `endless`: a body
 * without end. After `status-500`, `cut` and `cut-clean` the exporter believes that it has shown what has ended.
 */
export type Fault =
  | 'status-500'
  | 'html'
  | 'empty'
  | 'cut'
  | 'cut-clean'
  | 'no-power-families'
  | 'slow'
  | 'endless'

export type KeplerSimulatorOptions = {
  readonly node: SimulatedNode
  readonly dialect: Dialect
  /** Default 0: any free port. */
  readonly port?: number
  readonly host?: string
  /** Faults of the first requests, in order. */
  readonly faults?: readonly Fault[]
  /** The exact Authorization header that is required, if any. */
  readonly authorization?: string
  /** Called before each answer: lets whoever keeps the time bring the node up to it. */
  readonly beforeScrape?: () => void
}

/** A running exporter. */
export type KeplerSimulator = AsyncDisposable & {
  /** Of the metrics, such as `http://127.0.0.1:9102/metrics`. */
  readonly url: string
  readonly port: number
  /** How many requests for metrics have come, those with faults included. */
  requests(): number
  /** The next `times` requests (default 1) fail so, after the failures asked for before. */
  failNext(fault: Fault, times?: number): void
  /** As after an upgrade: answers in the other dialect from now on. */
  speak(dialect: Dialect): void
  /** Ends open answers too. Safe to call twice. */
  close(): Promise<void>
}

const contentTypes = {
  current: {
    text: 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
    'open-metrics': 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores',
  },
  legacy: {
    text: 'text/plain; version=0.0.4; charset=utf-8; escaping=values',
    'open-metrics': 'text/plain; version=0.0.4; charset=utf-8; escaping=values',
  },
} as const

const page =
  '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>\n'
const chunkBytes = 16_384

/** Serves a simulated node at /metrics as Kepler does. Rejects when the port is taken. */
export async function startKeplerSimulator(options: KeplerSimulatorOptions): Promise<KeplerSimulator> {
  const { node, host = '127.0.0.1', authorization } = options
  const templates = { current: await loadRecording('current'), legacy: await loadRecording('legacy') }
  const recordedError = await loadRecordedError()
  const faults: Fault[] = [...(options.faults ?? [])]
  let dialect = options.dialect
  let requests = 0

  function answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      send(response, { status: 404, type: 'text/plain; charset=utf-8', body: '404 page not found\n' })
      return
    }
    requests += 1
    if (authorization !== undefined && request.headers.authorization !== authorization) {
      send(response, { status: 401, type: 'text/plain; charset=utf-8', body: 'Unauthorized\n' })
      return
    }
    const format = dialect === 'current' ? formatFor(request.headers.accept) : 'text'
    const metrics = {
      status: 200,
      type: contentTypes[dialect][format],
      isGzipped: isGzipWanted(header(request, 'accept-encoding')),
    }
    options.beforeScrape?.()
    const fault = faults.shift()
    switch (fault) {
      case undefined:
        send(response, { ...metrics, body: expose(format) })
        return
      case 'status-500':
        expose(format)
        send(response, { status: 500, type: 'text/plain; charset=utf-8', body: recordedError })
        return
      case 'html':
        send(response, { status: 200, type: 'text/html; charset=utf-8', body: page })
        return
      case 'empty':
        send(response, { ...metrics, body: '' })
        return
      case 'cut':
        send(response, { ...metrics, body: expose(format), isCut: true })
        return
      case 'cut-clean':
        send(response, { ...metrics, body: firstHalfEndingInsideALine(expose(format)) })
        return
      case 'no-power-families':
        send(response, { ...metrics, body: renderWithoutPower(template(), { dialect, format }) })
        return
      case 'slow':
        return
      case 'endless':
        sendEndlessly(response, { type: metrics.type, text: expose(format) })
        return
    }
  }

  const template = (): Recording => templates[dialect]
  const expose = (format: Format) => renderReading(node.observe(dialect), template(), { dialect, format })

  const server = createServer(answer)
  server.listen(options.port ?? 0, host)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  const closed = once(server, 'close')

  const close = async () => {
    server.close()
    server.closeAllConnections()
    await closed
  }
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}/metrics`,
    port: address.port,
    requests: () => requests,
    failNext(fault, times = 1) {
      for (let count = 0; count < times; count += 1) faults.push(fault)
    },
    speak(other) {
      dialect = other
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

type Answer = {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly isGzipped?: boolean
  /** Break the connection halfway. */
  readonly isCut?: boolean
}

/** Without a Content-Length, hence chunked, as Kepler answers. */
function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    'content-type': answer.type,
    ...(answer.isGzipped === true ? { 'content-encoding': 'gzip' } : {}),
  })
  const bytes = answer.isGzipped === true ? gzipSync(answer.body) : Buffer.from(answer.body)
  if (answer.isCut === true) {
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy())
    return
  }
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    response.write(bytes.subarray(start, start + chunkBytes))
  }
  response.end()
}

function sendEndlessly(response: ServerResponse, { type, text }: { type: string; text: string }): void {
  response.writeHead(200, { 'content-type': type })
  const more = () => {
    while (!response.destroyed) if (!response.write(text)) return
  }
  response.on('drain', more)
  more()
}

function firstHalfEndingInsideALine(text: string): string {
  const half = Math.floor(text.length / 2)
  const lineEnd = text.indexOf('\n', half)
  const nextLineEnd = text.indexOf('\n', lineEnd + 1)
  return text.slice(0, Math.floor((lineEnd + nextLineEnd) / 2))
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' ? value : value?.join(', ')
}
