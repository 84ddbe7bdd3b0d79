import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../../test/free-port.ts'
import { isReady } from '../scrape/prometheus.ts'
import { counterOf, type Fleet, nodeOf, scrapeTimeMs, workloadOf } from './fleet.ts'

export type FilledPrometheus = AsyncDisposable & { readonly port: number; readonly pid: number }

/** A Prometheus whose blocks hold the fleet's counters, as Kepler names them. */
export async function startPrometheusWith(fleet: Fleet): Promise<FilledPrometheus> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'co2-api-bench-http-'))
  const text = path.join(folder, 'counters.txt')
  const data = path.join(folder, 'data')
  await pipeline(Readable.from(openMetricsOf(fleet)), createWriteStream(text))
  const made = spawnSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', text, data], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  })
  if (made.status !== 0) throw new Error(`promtool failed: ${made.stderr}`)
  const configuration = path.join(folder, 'prometheus.yml')
  await writeFile(configuration, 'global: {}\n')
  const port = await freePort()
  const child = spawn(
    'prometheus',
    [
      `--config.file=${configuration}`,
      `--storage.tsdb.path=${data}`,
      '--storage.tsdb.retention.time=10y',
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  const ended = once(child, 'exit')
  while (!(await isReady(`http://127.0.0.1:${port}`))) {
    if (child.exitCode !== null) throw new Error(`prometheus ended with ${child.exitCode}`)
    await pause(100)
  }
  return {
    port,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true })
    },
  }
}

function* openMetricsOf(fleet: Fleet): Generator<string> {
  yield '# TYPE kepler_container_joules counter\n'
  for (let container = 0; container < fleet.containers; container += 1) {
    const { namespace, pod, container: name } = workloadOf(container)
    const labels = `container_id="container-${container}",container_name="${name}",container_namespace="${namespace}",instance="${nodeOf(container)}",mode="dynamic",pod_name="${pod}"`
    const lines: string[] = []
    for (let scrape = 0; scrape <= fleet.scrapes; scrape += 1) {
      const seconds = scrapeTimeMs(fleet, scrape) / 1000
      lines.push(`kepler_container_joules_total{${labels}} ${counterOf(container, scrape)} ${seconds}\n`)
    }
    yield lines.join('')
  }
  yield '# EOF\n'
}
