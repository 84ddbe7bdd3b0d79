import type { FastifyReply } from 'fastify'

/** Aborts when the client goes away before it has its answer, and when the question has taken its time. */
export function questionSignal(reply: FastifyReply, timeoutSeconds: number): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new Error('the client went away'))
  })
  return AbortSignal.any([gone.signal, AbortSignal.timeout(timeoutSeconds * 1000)])
}
