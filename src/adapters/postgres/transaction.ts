import { isOfConnection, sqlStateOf } from './failure.ts'
import type { Session } from './session.ts'

/** Does all of `task`, or nothing of it. */
export async function inTransaction<T>(session: Session, task: () => Promise<T>): Promise<T> {
  await session.rows('begin')
  try {
    const result = await task()
    await session.rows('commit')
    return result
  } catch (error) {
    // After an error of the connection there is nobody to roll back; the server does it by itself.
    if (!isOfConnection(error)) await session.rows('rollback').catch(() => {})
    throw error
  }
}

/** The same within a transaction: an error undoes `task` alone. */
export async function inSavepoint<T>(session: Session, task: () => Promise<T>): Promise<T> {
  await session.rows('savepoint step')
  try {
    const result = await task()
    await session.rows('release savepoint step')
    return result
  } catch (error) {
    if (!isOfConnection(error)) await session.rows('rollback to savepoint step')
    throw error
  }
}

/**
 * Tries again what lost against another transaction: deadlocks (40P01) and serialization failures (40001). Each
 * attempt is as likely to succeed as the first one was.
 */
export async function unlessConflicting<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = 5; ; left -= 1) {
    try {
      return await attempt()
    } catch (error) {
      const state = sqlStateOf(error)
      if (left === 0 || (state !== '40P01' && state !== '40001')) throw error
    }
  }
}
