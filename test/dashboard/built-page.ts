import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The dashboard as its sources are now, built into a folder of its own, which goes when it is disposed of. */
export function buildPage(): Disposable & { readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'co2-api-dashboard-'))
  const script = join(import.meta.dirname, '../../scripts/build-dashboard.js')
  const build = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' })
  if (build.status !== 0) throw new Error(`the dashboard could not be built:\n${build.stderr}`)
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}
