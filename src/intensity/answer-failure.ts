import { type Instant, instant } from '../units.ts'
import type { HttpAnswer } from './http-get.ts'
import { SourceError, type SourceFailure } from './source.ts'

/** What the status of an answer says went wrong; undefined for 200, the only status that brings figures. */
export function failureOfStatus(answer: HttpAnswer, now: Instant): SourceFailure | undefined {
  const { status } = answer
  if (status === 200) return undefined
  if (status === 401 || status === 403) return { kind: 'refused' }
  if (status === 429) return { kind: 'rate-limited', retryAfterSeconds: retryAfterSeconds(answer, now) }
  if (status >= 500) return { kind: 'server-error' }
  return { kind: 'unexpected-answer' }
}

/** An HTTP date as servers must write it: RFC 9110, 5.6.7, IMF-fixdate. */
const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/**
 * The seconds from `now` that the header Retry-After asks to wait, given as seconds or as an HTTP date (RFC 9110,
 * 10.2.3); 0 for a date that has passed, undefined when there is none or it cannot be read.
 */
function retryAfterSeconds(answer: HttpAnswer, now: Instant): number | undefined {
  const text = answer.headers['retry-after']?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text)
  if (!httpDate.test(text)) return undefined
  const at = instant(Date.parse(text))
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000))
}

export function unknownZone(sourceName: string, zone: string): SourceError {
  return new SourceError({ kind: 'unknown-zone' }, `${sourceName} does not know the zone ${zone}`)
}
