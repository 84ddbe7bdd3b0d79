import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DemoFigures, fetchFigures } from './demo-figures.ts'
import { repeatDayAround } from './demo-intensities.ts'
import { requireFreePort, ServiceEnded, startService } from './demo-service.ts'
import { drawDemo, fixedLines, type TableRow } from './demo-table.ts'
import { createDemoScenario } from './scenario.ts'
import { startKeplerSimulator } from './server.ts'

const host = '127.0.0.1'
const countries = ['DE', 'FR', 'PL'] as const
const recordedDay = path.join(import.meta.dirname, '../data/intensity-days/2024-03-22.csv')
const redrawMilliseconds = 1000
const reprintMilliseconds = 10_000
/** So many answers in a row may fail before the demo gives up. */
const mostFailures = 5

const clearScreen = '\u001B[2J'
const cursorHome = '\u001B[H'
const clearLine = '\u001B[K'
const clearBelow = '\u001B[J'

/**
 * Runs the demo until it is stopped; it throws then, as it does when it cannot go on. `onTable` is called after each
 * table. Everything it started has ended when it returns.
 */
export async function runDemo(port: number, stopping: AbortSignal, onTable: () => void): Promise<void> {
  await requireFreePort(port, host)
  await using resources = new AsyncDisposableStack()
  const directory = await mkdtemp(path.join(os.tmpdir(), 'co2-api-demo-'))
  resources.defer(() => rm(directory, { recursive: true, force: true }))
  const intensityFile = path.join(directory, 'intensities.csv')
  await writeFile(intensityFile, repeatDayAround(Date.now(), await readFile(recordedDay, 'utf8')))

  const scenario = createDemoScenario(1)
  const startedAt = performance.now()
  const beforeScrape = () => scenario.tick((performance.now() - startedAt) / 1000)
  const exporterUrls: string[] = []
  for (const { node, dialect } of scenario.nodes) {
    const simulator = resources.use(await startKeplerSimulator({ node, dialect, beforeScrape }))
    exporterUrls.push(simulator.url)
  }

  stopping.throwIfAborted()
  const service = resources.use(
    startService(port, {
      MODE: 'local',
      PORT: String(port),
      HOST: host,
      SAMPLE_INTERVAL: '1',
      EXPORTER_URL: exporterUrls.join(','),
      INTENSITY_FILE: intensityFile,
      INTENSITY_SOURCES: 'none',
      LOG_LEVEL: 'warn',
    }),
  )
  const signal = AbortSignal.any([stopping, service.ended])
  try {
    await service.ready(signal)
    await showTable(port, signal, onTable)
  } catch (error) {
    service.ended.throwIfAborted()
    throw error
  }
}

/** Redraws in place on a terminal; elsewhere prints the table as soon as there is one, and then every 10 s. */
async function showTable(port: number, signal: AbortSignal, onTable: () => void): Promise<void> {
  const serviceUrl = `http://localhost:${port}`
  const isTerminal = process.stdout.isTTY
  const maxRows = isTerminal ? Math.max(3, process.stdout.rows - fixedLines) : 20
  let example: TableRow | undefined
  let failures = 0
  if (isTerminal) process.stdout.write(clearScreen)
  for (;;) {
    try {
      const figures = await fetchFigures(`http://${host}:${port}`, countries, signal)
      example = figures.rows.find((row) => isSame(row, example)) ?? steadyRow(figures)
      if (example !== undefined) {
        const lines = drawDemo({ ...figures, serviceUrl, example, maxRows })
        process.stdout.write(isTerminal ? inPlace(lines) : `${lines.join('\n')}\n\n`)
        onTable()
      }
      failures = 0
    } catch (error) {
      failures += 1
      if (failures > mostFailures)
        throw new ServiceEnded('The service does not answer any more.', { cause: error })
    }
    const isWaiting = isTerminal || example === undefined || failures > 0
    await sleep(isWaiting ? redrawMilliseconds : reprintMilliseconds, undefined, { signal })
  }
}

function inPlace(lines: readonly string[]): string {
  return cursorHome + lines.map((line) => `${line}${clearLine}`).join('\n') + clearBelow
}

function isSame(row: TableRow, other: TableRow | undefined): boolean {
  return row.namespace === other?.namespace && row.pod === other.pod && row.container === other.container
}

/** A container that still runs when a person has typed the command: a job or the system is a poor example. */
function steadyRow({ rows }: DemoFigures): TableRow | undefined {
  return rows.find(({ namespace }) => namespace === 'shop') ?? rows[0]
}
