import pg from 'pg'
import { StoreError, StoreRefusedError } from '../../energy/measurement-store.ts'

/** The SQLSTATE of an error that the server sent; undefined for any other. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}

/** After such an error a connection is of no use: the server ended it (classes 08 and 57P), or did not say anything. */
export function isOfConnection(error: unknown): boolean {
  const state = sqlStateOf(error)
  return state === undefined || /^(?:08|57P)/.test(state)
}

/**
 * The server refuses what is in a row, and would refuse it again: bad data (class 22), a broken constraint (class 23),
 * or a value too long for an index (54000).
 */
export function isRefusedRow(error: unknown): error is Error {
  const state = sqlStateOf(error) ?? ''
  return state.startsWith('22') || state.startsWith('23') || state === '54000'
}

/** The server, or an extension of it, cannot do that. */
export function isUnsupported(error: unknown): boolean {
  return sqlStateOf(error) === '0A000'
}

/** Says who and why, and never the password, whoever put it into a message. */
export function createFailures({
  where,
  password,
  queryTimeoutSeconds,
}: {
  readonly where: string
  readonly password: string | undefined
  readonly queryTimeoutSeconds: number
}): (error: unknown) => StoreError {
  const withoutSecret = (text: string) =>
    password === undefined || password === '' ? text : text.replaceAll(password, '***')
  return (error) => {
    if (error instanceof StoreError && error.message.startsWith(where)) return error
    const message = `${where}: ${withoutSecret(reasonOf(error, queryTimeoutSeconds))}`
    return error instanceof StoreRefusedError ? new StoreRefusedError(message) : new StoreError(message)
  }
}

function reasonOf(error: unknown, queryTimeoutSeconds: number): string {
  const code = sqlStateOf(error)
  if (code === '57014') return `the query took longer than ${queryTimeoutSeconds} s and was cancelled`
  if (error instanceof AggregateError) return reasonOf(error.errors[0], queryTimeoutSeconds)
  if (!(error instanceof Error)) return String(error)
  const known = reasons.get('code' in error ? String(error.code) : '') ?? reasons.get(error.message)
  return known ?? (code === undefined ? error.message : `${error.message} (${code})`)
}

const reasons = new Map([
  ['ECONNREFUSED', 'it refuses connections'],
  ['ENOTFOUND', 'its name has no address'],
  ['EAI_AGAIN', 'its name cannot be looked up now'],
  ['ETIMEDOUT', 'it does not answer'],
  ['ECONNRESET', 'it closed the connection'],
  ['EPIPE', 'it closed the connection'],
  ['EHOSTUNREACH', 'there is no way to it'],
  ['Connection terminated unexpectedly', 'it closed the connection'],
  ['Client has encountered a connection error and is not queryable', 'it closed the connection'],
  ['Connection terminated due to connection timeout', 'it does not answer'],
  ['timeout expired', 'it does not answer'],
  ['no answer', 'it does not answer'],
  ['timeout exceeded when trying to connect', 'no connection became free in time'],
])
