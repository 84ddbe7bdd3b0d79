import { createHash } from 'node:crypto'
import type { GroupPlace } from '../../emissions/rank-groups.ts'
import { type Instant, type Interval, instant } from '../../units.ts'
import { RequestError, shown } from './problem.ts'

/** What the next page needs to know of the one before: the same question, about the same time, as of the same moment. */
export type PageCursor = {
  readonly during: Interval
  readonly asOf: Instant
  readonly after: GroupPlace
}

/** The most that a Date holds. */
const mostMs = 8.64e15

type Contents = {
  readonly from: number
  readonly to: number
  readonly asOf: number
  readonly value: number | null
  readonly key: readonly (string | null)[]
  readonly question: string
}

/** The cursor as text. `question` is all else that was asked: with another one, the cursor is refused. */
export function writeCursor({ during, asOf, after }: PageCursor, question: unknown): string {
  const contents: Contents = {
    ...during,
    asOf,
    value: after.value ?? null,
    key: after.key,
    question: digestOf(question),
  }
  return Buffer.from(JSON.stringify(contents)).toString('base64url')
}

/** Throws RequestError (400) for what no answer to this question has given. */
export function readCursor(text: string, question: unknown): PageCursor {
  const contents = contentsOf(text)
  if (contents === undefined || contents.from >= contents.to) {
    throw new RequestError(400, `cursor is ${shown(text)}; it must be what an answer gave as next`)
  }
  if (contents.question !== digestOf(question)) {
    throw new RequestError(
      400,
      `cursor is ${shown(text)}, which belongs to another question; it must come with the parameters of the answer that gave it`,
    )
  }
  const { from, to, asOf, value, key } = contents
  return {
    during: { from: instant(from), to: instant(to) },
    asOf: instant(asOf),
    after: { value: value ?? undefined, key },
  }
}

/** Undefined for what no cursor holds. */
function contentsOf(text: string): Contents | undefined {
  const fields = fieldsIn(text)
  const [from, to, asOf] = [fields.get('from'), fields.get('to'), fields.get('asOf')]
  const [value, key, question] = [fields.get('value'), fields.get('key'), fields.get('question')]
  if (!isMoment(from) || !isMoment(to) || !isMoment(asOf)) return undefined
  if (value !== null && !(typeof value === 'number' && Number.isFinite(value))) return undefined
  if (!isKey(key) || typeof question !== 'string') return undefined
  return { from, to, asOf, value, key, question }
}

function fieldsIn(text: string): ReadonlyMap<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    return new Map(typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [])
  } catch {
    return new Map()
  }
}

function isMoment(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= mostMs
}

function isKey(value: unknown): value is Contents['key'] {
  return Array.isArray(value) && value.every((part) => part === null || typeof part === 'string')
}

function digestOf(question: unknown): string {
  return createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 16)
}
