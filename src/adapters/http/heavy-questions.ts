import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { goneSignal } from './gone-signal.ts'
import { RequestError } from './problem.ts'
import { createTurnstile } from './turnstile.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The answer may take the sums of a whole fleet: only some of these are worked out at a time. */
    isHeavy?: boolean
  }
}

/** Two are worked out while others read from the store; more would only share the one processor. */
const heavyAtOnce = 4
const mostWaiting = 64

/** Keeps heavy questions from crowding out everything else: they wait for one another, and beyond that are refused. */
export function boundHeavyQuestions(server: FastifyInstance): void {
  const turnstile = createTurnstile({ inside: heavyAtOnce, waiting: mostWaiting })
  server.addHook('onRoute', (route) => {
    if (route.config?.isHeavy !== true) return
    route.preHandler = [waitForTurn, ...[route.preHandler ?? []].flat()]
  })

  async function waitForTurn(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const leave = await turnstile.enter(goneSignal(reply))
    if (leave === undefined) {
      void reply.header('retry-after', '1')
      throw new RequestError(
        503,
        `${heavyAtOnce} such questions are being worked out and ${mostWaiting} wait; ask again in a second`,
      )
    }
    reply.raw.once('close', leave)
  }
}
