import { hash } from 'node:crypto'
import type { Instant } from '../../units.ts'
import type { Database } from './database.ts'

/** The latest are kept; a source that sends nothing but nonsense does not fill the disk. */
const mostRows = 10_000
/** Of one thing that is set aside, in characters of its JSON. */
const mostCharacters = 20_000

export type Unkept = {
  readonly node: string
  readonly reason: string
  /** The measurement, gap or renaming that could not be kept. */
  readonly content: object
}

/** Keeps apart what no store can hold, with the reason; once, however often it is delivered. */
export function setAside(database: Database, unkept: readonly Unkept[], now: Instant): void {
  if (unkept.length === 0) return
  for (const { node, reason, content } of unkept) {
    const text = JSON.stringify(content, infinitiesAsText).slice(0, mostCharacters)
    database.run(
      `INSERT INTO set_aside (set_aside_at_ms, node, reason, content, digest) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
      now,
      node,
      reason,
      text,
      hash('sha256', JSON.stringify([node, reason, text])),
    )
  }
  database.run('DELETE FROM set_aside WHERE id <= (SELECT max(id) FROM set_aside) - ?', mostRows)
}

/** JSON knows no NaN and no infinity, and they are the reason why most of this is here. */
function infinitiesAsText(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}
