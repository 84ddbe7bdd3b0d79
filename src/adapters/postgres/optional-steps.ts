import type { Row } from './columns.ts'
import { sqlStateOf } from './failure.ts'

/** Runs one statement outside a transaction and returns its rows. */
export type Execute = (sql: string) => Promise<readonly Row[]>

/** Something that only some servers can do, and that the rest works without. */
export type OptionalStep = {
  /** What does not happen when it is refused, as the beginning of a sentence: "the columnstore is not used". */
  readonly otherwise: string
  /** The same step in the words of newer and older versions: the next is tried where one is unknown. */
  readonly sql: readonly [string, ...string[]]
}

/** The server does not know these words: no such function, object, option or syntax. */
const unknownWords = new Set(['42883', '42704', '22023', '42601', '42P01', '42703', '42725', '42809'])

/**
 * Does a step if it can be done. A refusal of any kind, for the edition's or a privilege's sake or another, is told
 * in one line; a server that goes away meanwhile is an error.
 */
export async function attempt(
  execute: Execute,
  step: OptionalStep,
  onNotice: (text: string) => void,
): Promise<boolean> {
  const [sql, ...olderWords] = step.sql
  try {
    await execute(sql)
    return true
  } catch (error) {
    if (!isRefusal(error)) throw error
    const [next, ...rest] = olderWords
    if (next !== undefined && unknownWords.has(sqlStateOf(error) ?? '')) {
      return attempt(execute, { ...step, sql: [next, ...rest] }, onNotice)
    }
    onNotice(`${step.otherwise}: ${firstLineOf(error)} (${sqlStateOf(error)})`)
    return false
  }
}

/** Whether a query finds a row; a server that refuses the query has none. */
export async function finds(execute: Execute, sql: string): Promise<boolean> {
  try {
    return (await execute(sql)).length > 0
  } catch (error) {
    if (!isRefusal(error)) throw error
    return false
  }
}

/** Any answer of a living server; classes 08, 53 and 57 say that it is going away, or has no room. */
function isRefusal(error: unknown): error is Error {
  const state = sqlStateOf(error)
  return state !== undefined && !/^(?:08|53|57)/.test(state)
}

function firstLineOf(error: Error): string {
  return error.message.split('\n')[0] ?? ''
}
