import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'

/** Everything but what is run: it starts the service, or a command, when it is imported. */
const run = new Set(
  ['src/main.ts', 'src/cli/main.ts', 'src/service/check-health.ts'].map((path) => resolve(path)),
)
const modules = globSync('src/**/*.ts').filter(
  (path) => !path.endsWith('.test.ts') && !run.has(resolve(path)),
)

/** What a process waits for or listens to, and what all its code sees. */
function processState() {
  return {
    resources: process.getActiveResourcesInfo().toSorted((a, b) => a.localeCompare(b)),
    listeners: process.eventNames().map((event) => [String(event), process.listenerCount(event)]),
    environment: { ...process.env },
    globals: Object.keys(globalThis),
    directory: process.cwd(),
    exitCode: process.exitCode,
  }
}

describe('importing every module of the program', () => {
  it('has no effect: nothing is opened, listened to or set', async () => {
    assert.ok(modules.length > 50, `${modules.length} modules`)
    const before = processState()
    for (const path of modules) await import(pathToFileURL(path).href)
    assert.deepEqual(processState(), before)
  })
})
