import { parseIsoTime } from '../iso-time.ts'
import { type Instant, instant } from '../units.ts'
import { failureOfStatus } from './answer-failure.ts'
import type { HttpAnswer } from './http-get.ts'
import { SourceError } from './source.ts'

/**
 * Reads the answers of one source, strictly: what is not of the shape that is asked for throws SourceError
 * (`unexpected-answer`) with the name of the field. No message repeats what was asked or answered: it may hold a key.
 */
export type AnswerReader = {
  /** The JSON of an answer with status 200. Throws what any other status means, with the Retry-After it came with. */
  json(answer: HttpAnswer): unknown
  object(value: unknown, field: string): Readonly<Record<string, unknown>>
  list(value: unknown, field: string): readonly unknown[]
  number(value: unknown, field: string): number
  /** Undefined for null: no figure is no 0. */
  numberOrNull(value: unknown, field: string): number | undefined
  text(value: unknown, field: string): string
  /** An ISO 8601 time, in UTC where it has no offset. */
  time(value: unknown, field: string): Instant
  /** Seconds since 1970, whole or not. */
  unixTime(value: unknown, field: string): Instant
  /** The error for a field that holds another thing than `wanted`. */
  unexpected(value: unknown, field: string, wanted: string): SourceError
}

export function createAnswerReader(sourceName: string, now: () => Instant): AnswerReader {
  const refuse = (what: string, cause?: unknown) =>
    new SourceError(
      { kind: 'unexpected-answer' },
      `${sourceName} answered with ${what}`,
      cause === undefined ? undefined : { cause },
    )

  const reader: AnswerReader = {
    json(answer) {
      const failure = failureOfStatus(answer, now())
      if (failure !== undefined)
        throw new SourceError(failure, `${sourceName} answered with status ${answer.status}`)
      if (answer.text.trimStart().startsWith('<')) throw refuse('HTML or XML instead of JSON')
      try {
        return JSON.parse(answer.text)
      } catch {
        // The parser's own message quotes the text.
        throw refuse(answer.text.trim() === '' ? 'an empty body' : 'a body that is not JSON')
      }
    },
    object(value, field) {
      if (isObject(value)) return value
      throw reader.unexpected(value, field, 'an object')
    },
    list(value, field) {
      if (Array.isArray(value)) return value
      throw reader.unexpected(value, field, 'a list')
    },
    number(value, field) {
      if (isNumber(value)) return value
      throw reader.unexpected(value, field, 'a number')
    },
    numberOrNull(value, field) {
      if (value === null) return undefined
      if (isNumber(value)) return value
      throw reader.unexpected(value, field, 'a number or null')
    },
    text(value, field) {
      if (typeof value === 'string') return value
      throw reader.unexpected(value, field, 'a text')
    },
    time(value, field) {
      const at = parseIsoTime(reader.text(value, field))
      if (at !== undefined) return at
      throw reader.unexpected(value, field, 'a time')
    },
    unixTime(value, field) {
      const seconds = reader.number(value, field)
      if (Math.abs(seconds) <= latestSeconds) return instant(seconds * 1000)
      throw reader.unexpected(value, field, 'a time in seconds')
    },
    unexpected: (value, field, wanted) => refuse(`${field} that is ${kindOf(value)}, not ${wanted}`),
  }
  return reader
}

/** The last second that a date can hold: ECMA-262, 21.4.1.1. */
const latestSeconds = 8.64e12

/** A JSON number may be too large to be one here: 1e999 is read as Infinity. */
function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'string') return 'another text'
  return typeof value === 'number' ? 'another number' : 'true or false'
}
