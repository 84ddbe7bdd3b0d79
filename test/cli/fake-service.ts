import { startLoopbackServer } from '../loopback-server.ts'

/** What is asked of the fake: its path and parameters, and the token. */
export type Asked = {
  readonly path: string
  readonly parameters: URLSearchParams
  readonly authorization: string | undefined
}
export type Answered = {
  readonly status?: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export type FakeService = AsyncDisposable & { readonly url: string; readonly asked: readonly Asked[] }

/** A service that answers as `answer` says: a text as it is, anything else as JSON. */
export async function startFakeService(answer: (asked: Asked) => Answered): Promise<FakeService> {
  const asked: Asked[] = []
  const server = await startLoopbackServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const question = {
      path: pathname,
      parameters: searchParams,
      authorization: request.headers.authorization,
    }
    asked.push(question)
    const { status = 200, body, headers = {} } = answer(question)
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  return {
    url: server.origin,
    asked,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
