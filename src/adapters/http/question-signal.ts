import type { FastifyReply } from 'fastify'
import { goneSignal } from './gone-signal.ts'

/** Aborts when the client goes away before it has its answer, and when the question has taken its time. */
export function questionSignal(reply: FastifyReply, timeoutSeconds: number): AbortSignal {
  return AbortSignal.any([goneSignal(reply), AbortSignal.timeout(timeoutSeconds * 1000)])
}
