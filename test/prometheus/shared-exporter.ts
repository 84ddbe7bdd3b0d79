import type { SimulatedNode } from '../../simulator/hardware.ts'
import type { Dialect } from '../../simulator/readings.ts'
import { loadRecording } from '../../simulator/recording.ts'
import { renderReading } from '../../simulator/render.ts'
import { startLoopbackServer } from '../loopback-server.ts'

/**
 * A Kepler whose answer stays the same until it is told to look again: whoever reads it in between reads the same, as
 * with the real one, which refreshes its figures every few seconds.
 */
export type SharedExporter = AsyncDisposable & {
  /** Such as `127.0.0.1:9102`. */
  readonly address: string
  readonly url: URL
  /** Shows what the node is like now, or fails from now on. */
  show(what: 'the node' | 'a failure'): void
  /** Resolves when a reader whose user agent begins so has been given an answer, from now on. */
  readBy(reader: string): Promise<void>
}

export async function startSharedExporter(node: SimulatedNode, dialect: Dialect): Promise<SharedExporter> {
  const template = await loadRecording(dialect)
  let body: string | undefined
  let waiting: { readonly reader: string; readonly done: () => void }[] = []
  const server = await startLoopbackServer((request, response) => {
    const reader = request.headers['user-agent'] ?? ''
    response.once('finish', () => {
      for (const { done } of waiting.filter((one) => reader.startsWith(one.reader))) done()
      waiting = waiting.filter((one) => !reader.startsWith(one.reader))
    })
    response.writeHead(body === undefined ? 500 : 200, { 'content-type': 'text/plain; version=0.0.4' })
    response.end(body ?? 'an error\n')
  })
  return {
    address: new URL(server.origin).host,
    url: new URL('/metrics', server.origin),
    show(what) {
      body = what === 'the node' ? renderReading(node.observe(dialect), template, { dialect }) : undefined
    },
    readBy(reader) {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.push({ reader, done: resolve })
      return promise
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
