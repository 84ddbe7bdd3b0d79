import { once } from 'node:events'
import { pino } from 'pino'
import { systemClock } from './adapters/system/system-clock.ts'
import { readConfig } from './config.ts'
import { StartError } from './service/start-inputs.ts'
import { startService } from './service/start-service.ts'

/** Starts the service from the environment and stops it on SIGTERM or SIGINT. A second signal ends it at once. */
async function main(): Promise<void> {
  const reading = readConfig(process.env)
  if (reading.kind === 'invalid') return refuse(reading.problems)
  const { config } = reading
  const logger = pino({ level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime })

  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  try {
    await using service = await startService(config, { clock: systemClock, logger })
    logger.info(
      { url: service.url, exporters: config.scrape.exporters.map(({ text }) => text) },
      'co2-api is up',
    )
    // A start leaves 20 MB behind, in a heap that grew for it: V8 would not give them back until it has use for them. It
    // takes a tenth of a second, once. `npm start` lets us ask (--expose-gc); elsewhere it is left to V8.
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    await stopped
    logger.info('stopping')
  } catch (failure) {
    if (!(failure instanceof StartError)) throw failure
    refuse(failure.problems)
  }
}

function refuse(problems: readonly string[]): void {
  for (const problem of problems) console.error(`co2-api cannot start: ${problem}`)
  process.exitCode = 1
}

await main()
