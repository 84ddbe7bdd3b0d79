import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The dashboard as its sources are now, built into a folder of its own, which goes when it is disposed of. */
export function buildPage(): Disposable & { readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'co2-api-dashboard-'))
  build(folder)
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

/** The same where the service looks for it. */
export function buildServedPage(): void {
  build()
}

function build(...folder: readonly string[]): void {
  const script = join(import.meta.dirname, '../../scripts/build-dashboard.js')
  const { status, stderr } = spawnSync(process.execPath, [script, ...folder], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the dashboard could not be built:\n${stderr}`)
}
