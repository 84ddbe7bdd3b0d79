import { createHash } from 'node:crypto'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
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
const Moment = Type.Number({ minimum: -8.64e15, maximum: 8.64e15 })

const Contents = Type.Object({
  from: Moment,
  to: Moment,
  asOf: Moment,
  value: Type.Union([Type.Number(), Type.Null()]),
  key: Type.Array(Type.Union([Type.String(), Type.Null()])),
  question: Type.String(),
})

/** The cursor as text. `question` is all else that was asked: with another one, the cursor is refused. */
export function writeCursor({ during, asOf, after }: PageCursor, question: unknown): string {
  const contents = {
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
  if (!Value.Check(Contents, contents) || contents.from >= contents.to) {
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

function contentsOf(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    return undefined
  }
}

function digestOf(question: unknown): string {
  return createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 16)
}
