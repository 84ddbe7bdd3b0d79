import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import Cursor from 'pg-cursor'
import type { Row } from './columns.ts'

/** Runs `task` on a new connection: what a server answers to some statements is to end the connection. */
export type Connect = <T>(task: (session: Session) => Promise<T>) => Promise<T>

/** Statements on one connection. Rows come as arrays of columns. */
export type Session = {
  rows(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>
  /** Planned once for each connection. */
  prepared(statement: PreparedStatement, values: readonly unknown[]): Promise<readonly Row[]>
  /** Several statements at once, without values. */
  script(sql: string): Promise<void>
  /** How many rows a statement wrote. */
  count(sql: string, values?: readonly unknown[]): Promise<number>
  /** Sends what `copy … from stdin` reads. */
  copy(sql: string, data: Iterable<Buffer>): Promise<void>
  /** What `copy … to stdout` writes, in pieces. No other statement can run until it is read; a reader that leaves gives up the connection. */
  copyOut(sql: string): AsyncIterable<Buffer>
  /** An answer that is read in portions; no other statement can run until it is read or closed. */
  cursor(sql: string, values: readonly unknown[]): RowCursor
}

export type RowCursor = {
  /** At most `count` rows; fewer are the last ones. */
  read(count: number): Promise<readonly Row[]>
  close(): Promise<void>
}

/** A name stands for one text. */
export type PreparedStatement = { readonly name: string; readonly sql: string }

/** How long a server that cancels a statement in time may take to say so. */
const graceSeconds = 5

/**
 * The statements of one connection. Where the server has a time-out of `timeoutSeconds`, an answer is not waited for
 * much longer: a server that cannot be reached any more does not say so.
 */
export function sessionOn(client: pg.ClientBase, timeoutSeconds?: number): Session {
  const inTime = <T>(answer: Promise<T>) =>
    timeoutSeconds === undefined ? answer : within(timeoutSeconds + graceSeconds, answer)
  const run = (query: { readonly name?: string; readonly text: string; readonly values: unknown[] }) =>
    inTime(client.query<unknown[]>({ ...query, rowMode: 'array' }))
  return {
    async rows(sql, values = []) {
      return (await run({ text: sql, values: [...values] })).rows
    },
    async prepared({ name, sql }, values) {
      return (await run({ name, text: sql, values: [...values] })).rows
    },
    async script(sql) {
      await client.query(sql)
    },
    async count(sql, values = []) {
      return (await run({ text: sql, values: [...values] })).rowCount ?? 0
    },
    copy(sql, data) {
      return inTime(pipeline(data, client.query(copyFrom(sql))))
    },
    async *copyOut(sql) {
      const pieces = client.query(copyTo(sql))[Symbol.asyncIterator]()
      for (;;) {
        const piece: IteratorResult<unknown> = await inTime(pieces.next())
        if (piece.done === true) return
        if (!Buffer.isBuffer(piece.value)) throw new TypeError('the answer is no bytes')
        yield piece.value
      }
    },
    cursor(sql, values) {
      const cursor = client.query(new Cursor<unknown[]>(sql, [...values], { rowMode: 'array' }))
      return {
        read: (count) => inTime(cursor.read(count)),
        close: () => inTime(cursor.close()),
      }
    },
  }
}

/** Waits for an answer, and throws an error of the connection when none comes within the time. */
async function within<T>(seconds: number, answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('no answer')), seconds * 1000)
  try {
    return await Promise.race([answer, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Waits for `promise`, or no longer than until the signal aborts, and throws its reason then. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    signal.throwIfAborted()
    return await Promise.race([promise, aborted.promise])
  } catch (error) {
    // It may still fail after nobody waits for it.
    promise.catch(() => {})
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
