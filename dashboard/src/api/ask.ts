import { problem } from './answers.ts'
import type { Guard } from './guard.ts'
import { headersOf, type Session } from './session.ts'

/** A question got no answer that can be shown; the message is a sentence for whoever looks at the page. */
export class AskError extends Error {
  override name = 'AskError'
}

const mostSeconds = 60
const unauthorised = 401

/**
 * Asks the service. An answer that fits is given whatever its status, since some tell of trouble by their status alone.
 * Throws AskError, or what `signal` was aborted with.
 */
export async function ask<T>(
  question: string,
  guard: Guard<T>,
  { session, signal }: { readonly session: Session; readonly signal: AbortSignal },
): Promise<T> {
  const response = await received(question, { session, signal })
  const body: unknown = await response.json().catch(() => undefined)
  signal.throwIfAborted()
  const wrong: string[] = []
  if (guard(body, wrong)) return body
  if (problem(body, [])) {
    if (response.status === unauthorised) session.refusal.value = body.error
    throw new AskError(`The service says: ${body.error}.`)
  }
  if (!response.ok) throw new AskError(`The service answered with status ${response.status} and no reason.`)
  throw new AskError(
    `The service’s answer is not what this page expects (at ${wrong.join('.') || 'its beginning'}). Reload the page: it may be of another version.`,
  )
}

async function received(
  question: string,
  { session, signal }: { readonly session: Session; readonly signal: AbortSignal },
): Promise<Response> {
  try {
    return await fetch(question, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(mostSeconds * 1000)]),
      headers: headersOf(session, 'application/json'),
    })
  } catch (cause) {
    signal.throwIfAborted()
    const isTimeout = cause instanceof Error && cause.name === 'TimeoutError'
    throw new AskError(
      isTimeout ? `The service did not answer within ${mostSeconds} s.` : 'The service cannot be reached.',
      { cause },
    )
  }
}
