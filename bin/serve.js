#!/usr/bin/env node
/**
 * Starts the service, which takes the place of this process: it has its number, its streams and its signals, and what
 * process-settings.json says, which Node.js and the C library read once, when they start. The young generation is half of
 * what V8 would take; V8 does not guess that measurements will live long, and put them where garbage is rarely collected;
 * the service may ask for a collection, as it does after the start; and not each thread has an arena of its own to
 * allocate from, and keep in it what it has freed. What stands in the environment or on the command line goes before.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

await import('../scripts/require-node.js')
if (process.exitCode === undefined) {
  const { builtProgram } = await import('./built-program.js')
  const settings = JSON.parse(readFileSync(new URL('process-settings.json', import.meta.url), 'utf8'))
  const main = await builtProgram('main.js')
  // Windows cannot do that; the service runs there as well, and takes more memory.
  if (process.platform === 'win32') await import(main.href)
  else {
    const words = [...settings.options, ...process.execArgv, fileURLToPath(main)]
    process.execve(process.execPath, [process.execPath, ...words], {
      ...settings.environment,
      ...process.env,
    })
  }
}
