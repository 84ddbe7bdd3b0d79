import { parseArgs } from 'node:util'
import { createDemoScenario } from './scenario.ts'
import { startKeplerSimulator } from './server.ts'

const usage =
  'Usage: node simulator/main.ts [--port 9102] [--dialect legacy|current] [--seconds-per-tick 1] [--seed 1]'

type Settings = { port: number; dialect: 'legacy' | 'current'; secondsPerTick: number; seed: number }

if (import.meta.main) {
  const settings = readSettings(process.argv.slice(2))
  if (typeof settings === 'string') {
    console.error(`${settings}\n${usage}`)
    process.exitCode = 1
  } else {
    await run(settings)
  }
}

/** Serves one node of the demo scenario until Ctrl-C; its counters move every `secondsPerTick` of real time. */
async function run({ port, dialect, secondsPerTick, seed }: Settings): Promise<void> {
  const stop = Promise.withResolvers<void>()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.resolve())
  const scenario = createDemoScenario(seed)
  const node = scenario.nodes.find((candidate) => candidate.dialect === dialect)?.node
  if (node === undefined) throw new Error(`the scenario has a ${dialect} node`)
  try {
    await using simulator = await startKeplerSimulator({ node, dialect, port })
    console.log(`Kepler simulator (${dialect}) at ${simulator.url} - Ctrl-C ends it`)
    const startedAt = performance.now()
    const timer = setInterval(
      () => scenario.tick((performance.now() - startedAt) / 1000),
      secondsPerTick * 1000,
    )
    await stop.promise
    clearInterval(timer)
  } catch (error) {
    console.error(
      `The simulator cannot listen on port ${port}: ${error instanceof Error ? error.message : String(error)}`,
    )
    process.exitCode = 1
  }
}

/** The settings, or a sentence that says what is wrong with them. */
function readSettings(args: string[]): Settings | string {
  try {
    const { values } = parseArgs({
      args,
      options: {
        port: { type: 'string', default: '9102' },
        dialect: { type: 'string', default: 'current' },
        'seconds-per-tick': { type: 'string', default: '1' },
        seed: { type: 'string', default: '1' },
      },
    })
    const [port, secondsPerTick, seed] = [values.port, values['seconds-per-tick'], values.seed].map(Number)
    const { dialect } = values
    if (port === undefined || !Number.isInteger(port) || port < 0 || port > 65_535)
      return `--port is a whole number up to 65535, not ${values.port}.`
    if (secondsPerTick === undefined || !(secondsPerTick > 0 && secondsPerTick <= 3600))
      return `--seconds-per-tick is more than 0 and at most 3600, not ${values['seconds-per-tick']}.`
    if (seed === undefined || !Number.isInteger(seed)) return `--seed is a whole number, not ${values.seed}.`
    if (dialect !== 'legacy' && dialect !== 'current')
      return `--dialect is legacy or current, not ${dialect}.`
    return { port, dialect, secondsPerTick, seed }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
