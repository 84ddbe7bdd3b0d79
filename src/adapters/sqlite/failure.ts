import { StoreError, StoreRefusedError } from '../../energy/measurement-store.ts'

const readOnly = 'cannot be written: the file or its directory is read-only for this user'
const full = 'is full: the disk has no room left, or the file may not grow'

/** What SQLite's result codes mean to whoever runs the program. Source: sqlite.org/rescode.html, 2025. */
const meaningOfResult: ReadonlyMap<number, string> = new Map([
  [5, 'is locked by another process'],
  [8, readOnly],
  [10, 'cannot be read or written: the disk reported an error'],
  [11, 'is damaged'],
  [13, full],
  [14, 'cannot be opened: it is no file, or it or its directory may not be written by this user'],
  [26, 'is not a SQLite database'],
])

/** What the file system says when the directory cannot be made. */
const meaningOfFileError: ReadonlyMap<string, string> = new Map([
  ['EACCES', readOnly],
  ['EPERM', readOnly],
  ['EROFS', readOnly],
  ['ENOSPC', full],
  ['ENOTDIR', 'cannot be made: a part of its path is no directory'],
  ['EEXIST', 'cannot be made: a part of its path is no directory'],
])

const notADatabase = 26

/** The lower byte of an extended result code is the primary one. */
const primaryCode = 0xff

/** Turns whatever SQLite or the file system threw into the error of the port, with the path and the reason in words. */
export function storeError(path: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause
  const detail = cause instanceof Error ? cause.message : String(cause)
  const sentence = `The database ${path} ${meaningOf(cause) ?? 'cannot be used'} (${detail})`
  return resultCode(cause) === notADatabase
    ? new StoreRefusedError(sentence, { cause })
    : new StoreError(sentence, { cause })
}

function resultCode(cause: unknown): number | undefined {
  if (!(cause instanceof Error) || !('errcode' in cause) || typeof cause.errcode !== 'number')
    return undefined
  return cause.errcode & primaryCode
}

function meaningOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined
  const result = resultCode(cause)
  if (result !== undefined) return meaningOfResult.get(result)
  return 'code' in cause && typeof cause.code === 'string' ? meaningOfFileError.get(cause.code) : undefined
}
