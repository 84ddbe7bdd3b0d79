import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { storeError } from './failure.ts'
import { numberIn } from './row.ts'
import { applicationId, migrations } from './schema.ts'

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
      const pragma = (name: string) => numberIn(connection.prepare(`PRAGMA ${name}`).get() ?? {}, name)
      const owner = pragma('application_id')
      const isEmpty = connection.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
      if (owner !== applicationId && !(owner === 0 && isEmpty)) return { kind: 'foreign' }
      return { kind: 'ours', version: pragma('user_version'), newestVersion: migrations.length }
    } finally {
      connection.close()
    }
  } catch (cause) {
    throw storeError(path, cause)
  }
}
