import type { FastifyReply } from 'fastify'

/**
 * Aborts when the client goes away before it has its answer, and when the question has taken its time. One controller and
 * one timer, let go of with the answer: signals that are made out of others cost a small question a tenth of its time.
 */
export function questionSignal(reply: FastifyReply, timeoutSeconds: number): AbortSignal {
  const stop = new AbortController()
  const timer = setTimeout(() => {
    stop.abort(new DOMException('the question took too long', 'TimeoutError'))
  }, timeoutSeconds * 1000)
  reply.raw.once('close', () => {
    clearTimeout(timer)
    if (!reply.raw.writableFinished) stop.abort(new Error('the client went away'))
  })
  return stop.signal
}
