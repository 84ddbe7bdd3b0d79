import { Buffer } from 'node:buffer'
import type { AnswerReader } from '../../intensity/answer-reader.ts'
import type { HttpAnswer, HttpGet } from '../../intensity/http-get.ts'
import { addressBelow } from '../../intensity/web-source.ts'
import type { Instant } from '../../units.ts'

/** Asks WattTime as a user who is logged in. */
export type WattTimeSession = {
  /** The answer to a request, whatever its status. Logs in before it and, when the token is refused, once more. */
  ask(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpAnswer>
}

/** A token is good for 30 minutes. */
const tokenMs = 28 * 60_000

export function createWattTimeSession(options: {
  readonly httpGet: HttpGet
  readonly now: () => Instant
  readonly baseUrl: URL
  readonly username: string
  readonly password: string
  readonly reader: AnswerReader
}): WattTimeSession {
  const { httpGet, now, baseUrl, username, password, reader } = options
  const credentials = Buffer.from(`${username}:${password}`).toString('base64')
  let held: { readonly token: string; readonly until: number } | undefined

  async function logIn(signal: AbortSignal): Promise<string> {
    const headers = { authorization: `Basic ${credentials}` }
    const answer = await httpGet(addressBelow(baseUrl, 'login'), { headers, signal })
    const body = reader.object(reader.json(answer), 'a body of login')
    const token = reader.text(body['token'], 'token')
    // Anything else in a header would make the client fail, with the token in its message.
    if (!/^[\w.~+/=-]+$/.test(token)) throw reader.unexpected(token, 'token', 'a bearer token')
    held = { token, until: now() + tokenMs }
    return token
  }

  async function askWith(token: string, url: URL, signal: AbortSignal): Promise<HttpAnswer> {
    return await httpGet(url, { headers: { authorization: `Bearer ${token}` }, signal })
  }

  return {
    async ask(path, query, signal) {
      const url = addressBelow(baseUrl, path, query)
      const kept = held !== undefined && now() < held.until ? held.token : undefined
      const answer = await askWith(kept ?? (await logIn(signal)), url, signal)
      if (answer.status !== 401 || kept === undefined) return answer
      held = undefined
      return await askWith(await logIn(signal), url, signal)
    },
  }
}
