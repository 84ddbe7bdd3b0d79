import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export type ServedAnswer = {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text and bytes are sent as they are, anything else as JSON. */
  readonly body?: unknown
  /** The connection is cut where the answer should begin. */
  readonly cut?: true
  /** No answer is ever sent. */
  readonly silent?: true
}

export type RecordedRequest = { readonly url: URL; readonly headers: IncomingHttpHeaders }

export type SourceServer = AsyncDisposable & {
  readonly url: URL
  /** Every request so far, in order. */
  readonly requests: readonly RecordedRequest[]
  /**
   * Answers a path with one answer after another; the last one stays. The path `*` is any that is not served; without
   * it they are answered with 404.
   */
  serve(path: string, ...answers: readonly ServedAnswer[]): void
  /** Answers a path by what is asked for. */
  serveBy(path: string, answer: (url: URL) => ServedAnswer): void
}

/** A web server on this machine that stands in for a source of figures. */
export async function startSourceServer(): Promise<SourceServer> {
  const requests: RecordedRequest[] = []
  const answers = new Map<string, (url: URL) => ServedAnswer>()

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    requests.push({ url, headers: request.headers })
    const answer = (answers.get(url.pathname) ?? answers.get('*'))?.(url) ?? {
      status: 404,
      body: { detail: 'Not Found' },
    }
    if (answer.silent === true) return
    if (answer.cut === true) {
      request.socket.destroy()
      return
    }
    response.writeHead(answer.status ?? 200, {
      'content-type': 'application/json',
      ...answer.headers,
    })
    response.end(bytesOf(answer.body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    url: new URL(`http://127.0.0.1:${portOf(server.address())}`),
    requests,
    serve(path, ...served) {
      const left = [...served]
      answers.set(path, () => (left.length > 1 ? left.shift() : left[0]) ?? {})
    },
    serveBy(path, answer) {
      answers.set(path, answer)
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function bytesOf(body: unknown): string | Uint8Array {
  if (typeof body === 'string' || body instanceof Uint8Array) return body
  return body === undefined ? '' : JSON.stringify(body)
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server does not listen')
  return address.port
}
