import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

/** npm passes Ctrl-C on to a program that the terminal has told already: the second one may come this much later. */
const echoMilliseconds = 100

if (import.meta.main) process.exitCode = await main()

/** The exit code: 0 when a signal ended the demo, or `--seconds` after it had shown a table; else 1. */
async function main(): Promise<number> {
  const stopping = new AbortController()
  // A second signal during the clean-up changes nothing.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort())
  // Whoever read the table, such as `head`, has gone.
  process.stdout.on('error', () => stopping.abort())
  const settings = readSettings()
  if (typeof settings === 'string') {
    console.error(settings)
    return 1
  }
  const { port, seconds } = settings
  let hasTimeRunOut = false
  let tables = 0
  const timeIsUp = () => {
    hasTimeRunOut = true
    stopping.abort()
  }
  const timer = seconds === undefined ? undefined : setTimeout(timeIsUp, seconds * 1000)
  try {
    // Loaded only now, so that a signal finds its handler from the first moment on.
    const { runDemo } = await import('./demo-run.ts')
    await runDemo(port, stopping.signal, () => {
      tables += 1
    })
  } catch (error) {
    if (!stopping.signal.aborted) {
      console.error(error instanceof Error && error.name === 'ServiceEnded' ? error.message : error)
      return 1
    }
  } finally {
    clearTimeout(timer)
    // Leaves the table on the screen, and the shell's prompt below it.
    if (process.stdout.isTTY) process.stdout.write('\n')
  }
  if (hasTimeRunOut && tables === 0) {
    console.error('The time was over before the service had two samples of a container.')
    return 1
  }
  if (!hasTimeRunOut) await sleep(echoMilliseconds)
  return 0
}

/** The settings, or a sentence that says what is wrong with them. */
function readSettings(): { port: number; seconds: number | undefined } | string {
  const port = Number(process.env['PORT'] ?? '5001')
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    return `PORT is a whole number from 1 to 65535, not ${process.env['PORT']}.`
  try {
    const { values } = parseArgs({ options: { seconds: { type: 'string' } } })
    const seconds = values.seconds === undefined ? undefined : Number(values.seconds)
    if (seconds !== undefined && !(seconds > 0 && seconds <= 86_400))
      return `--seconds is more than 0 and at most 86400, not ${values.seconds}.`
    return { port, seconds }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
