import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SpoolError } from './spool-error.ts'

/** https://www.sqlite.org/rescode.html#busy, 2026-02. */
const busy = 5

/**
 * Takes a directory for this process until disposed. The lock is one of the operating system, which SQLite knows how
 * to take: it ends with the process, however that ends, so that there is no stale lock to recognise, and it holds
 * between containers, whose process ids say nothing to each other.
 *
 * Throws SpoolError when another process has it, and what SQLite throws when the directory cannot be written to.
 */
export function lockDirectory(directory: string): Disposable {
  const database = new DatabaseSync(join(directory, 'lock.sqlite'), { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    if (!isBusy(cause)) throw cause
    throw new SpoolError(`Another process uses the spool in ${directory}.`, { cause })
  }
  return {
    [Symbol.dispose]() {
      database.close()
    },
  }
}

function isBusy(cause: unknown): boolean {
  return cause instanceof Error && 'errcode' in cause && cause.errcode === busy
}
