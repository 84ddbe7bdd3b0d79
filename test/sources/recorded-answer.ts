import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/** An answer of our own that is shaped like the source's, as text. */
export function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')
}

/**
 * An answer as a source gave it, out of a collection that stands beside this repository and is no part of it. The
 * test is skipped, with a word about it, where the collection is absent.
 */
export function recordedAnswer(test: TestContext, name: string): string | undefined {
  const path = join(import.meta.dirname, '../../../shared/data/intensity', name)
  if (existsSync(path)) return readFileSync(path, 'utf8')
  test.skip(`the recorded answer ${name} is absent`)
  return undefined
}
