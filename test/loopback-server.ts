import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'

/** An HTTP server on a free port of this machine. */
export type LoopbackServer = AsyncDisposable & {
  /** Such as `http://127.0.0.1:40123`. */
  readonly origin: string
}

export async function startLoopbackServer(listener: RequestListener): Promise<LoopbackServer> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
