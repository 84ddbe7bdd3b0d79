import { systemClock } from '../adapters/system/system-clock.ts'
import { runCommandLine } from './program.ts'
import { exitCodes, type Terminal } from './terminal.ts'

/** Runs the command that stands on the command line. Ctrl-C stops it in order; a second one ends it at once. */
async function main(): Promise<void> {
  const stop = new AbortController()
  const abort = () => stop.abort(new Error('stopped'))
  process.once('SIGINT', abort)
  process.once('SIGTERM', abort)
  // Whoever reads the output may have seen enough, as `head` has.
  process.stdout.on('error', (failure: NodeJS.ErrnoException) => {
    if (failure.code !== 'EPIPE') throw failure
  })
  const terminal: Terminal = {
    write: (text) => process.stdout.write(text),
    say: (text) => process.stderr.write(text),
    isScreen: process.stderr.isTTY,
    environment: process.env,
    clock: systemClock,
    signal: stop.signal,
  }
  const code = await runCommandLine(process.argv.slice(2), terminal, async () => {
    // The service has a way of its own with signals.
    process.off('SIGINT', abort)
    process.off('SIGTERM', abort)
    await import('../main.ts')
  })
  // The service says by itself how it ended.
  if (code !== exitCodes.ok) process.exitCode = code
  process.off('SIGINT', abort)
  process.off('SIGTERM', abort)
}

await main()
