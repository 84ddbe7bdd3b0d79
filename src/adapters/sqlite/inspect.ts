import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { isForeign, pragma } from './database.ts'
import { storeError } from './failure.ts'
import { migrations } from './schema.ts'

/** What a file is, without anything being changed in it. */
export type SqliteInspection =
  | { readonly kind: 'missing' }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'ours'; readonly version: number; readonly newestVersion: number }

/** Throws StoreError when it cannot be read. */
export function inspectSqlite(path: string): SqliteInspection {
  if (!existsSync(path)) return { kind: 'missing' }
  try {
    const connection = new DatabaseSync(path, { readOnly: true })
    try {
      if (isForeign(connection)) return { kind: 'foreign' }
      return {
        kind: 'ours',
        version: pragma(connection, 'user_version'),
        newestVersion: migrations.length,
      }
    } finally {
      connection.close()
    }
  } catch (cause) {
    throw storeError(path, cause)
  }
}
