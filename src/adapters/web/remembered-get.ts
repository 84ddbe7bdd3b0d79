import type { HttpAnswer, HttpGet } from '../../intensity/http-get.ts'

/** What answers take in memory at most, as counted by the characters of their texts. */
const defaultMaxCharacters = 4 * 1024 * 1024

/**
 * Asks as `httpGet` does, and asks again on condition: an answer that came with a validator (ETag, else Last-Modified)
 * is kept, and sent for again only if it has changed. A server that says it has not (304) is taken at its word. Kept
 * answers are those used last, `maxCharacters` of them in all. Address and headers both tell answers apart: what one
 * key was shown, another is not. RFC 9110, section 13; RFC 9111, section 4.3.
 */
export function createRememberedGet(httpGet: HttpGet, maxCharacters = defaultMaxCharacters): HttpGet {
  const kept = new Map<string, HttpAnswer>()
  let characters = 0

  const forget = (key: string) => {
    characters -= kept.get(key)?.text.length ?? 0
    kept.delete(key)
  }
  const keep = (key: string, answer: HttpAnswer) => {
    forget(key)
    if (!mayBeKept(answer) || answer.text.length > maxCharacters) return
    kept.set(key, answer)
    characters += answer.text.length
    for (const oldest of kept.keys()) {
      if (characters <= maxCharacters) return
      forget(oldest)
    }
  }

  return async (url, { headers = {}, signal }) => {
    const key = JSON.stringify([url.href, Object.entries(headers).toSorted(([a], [b]) => (a < b ? -1 : 1))])
    const before = kept.get(key)
    const answer = await httpGet(url, { headers: { ...headers, ...conditionOn(before) }, signal })
    if (answer.status === 304 && before !== undefined) {
      const renewed = { ...before, headers: { ...before.headers, ...answer.headers } }
      keep(key, renewed)
      return renewed
    }
    // An answer that is not the whole truth about the address, such as a failure, says nothing against what is kept.
    if (answer.status === 200) keep(key, answer)
    return answer
  }
}

function mayBeKept({ headers }: HttpAnswer): boolean {
  const isForbidden = /\bno-store\b/i.test(headers['cache-control'] ?? '')
  const hasValidator = headers['etag'] !== undefined || headers['last-modified'] !== undefined
  return hasValidator && !isForbidden && headers['vary'] !== '*'
}

function conditionOn(answer: HttpAnswer | undefined): Readonly<Record<string, string>> {
  const { etag, 'last-modified': lastModified } = answer?.headers ?? {}
  if (etag !== undefined) return { 'if-none-match': etag }
  return lastModified === undefined ? {} : { 'if-modified-since': lastModified }
}
