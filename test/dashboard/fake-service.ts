import { fastify } from 'fastify'
import { dashboardRoutes } from '../../src/adapters/http/dashboard-routes.ts'
import { addSecurityHeaders } from '../../src/adapters/http/security-headers.ts'
import { serveFakeApi } from './fake-api.ts'
import type { FakeState } from './fake-work.ts'

/** The dashboard as the service serves it, over an API whose figures are made up and whose state the test sets. */
export type FakeService = AsyncDisposable & { readonly url: string; state: FakeState }

export async function startFakeService(state: FakeState, folder: string): Promise<FakeService> {
  const server = fastify({ forceCloseConnections: true })
  const service = {
    state,
    url: '',
    [Symbol.asyncDispose]: async () => {
      await server.close()
    },
  }
  addSecurityHeaders(server, { isEncrypted: false })
  serveFakeApi(server, () => service.state)
  await server.register(dashboardRoutes(folder))
  service.url = await server.listen({ host: '127.0.0.1', port: 0 })
  return service
}
