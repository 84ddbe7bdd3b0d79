import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { freePort } from '../free-port.ts'
import { installed } from './installed.ts'

const prometheus = installed('prometheus')

/** Why nothing is tried with a real Prometheus, for the report. */
export const whyNoPrometheus = prometheus.skip

/** A real Prometheus with a database of its own, on a free port of the loopback. It dies with this process. */
export type PrometheusServer = AsyncDisposable & { readonly url: URL }

/** It scrapes the addresses every second. */
export async function startPrometheus(addresses: readonly string[]): Promise<PrometheusServer> {
  const { program } = prometheus
  if (program === undefined) throw new Error(prometheus.skip)
  const directory = mkdtempSync(join(tmpdir(), 'co2-api-prometheus-'))
  const configuration = join(directory, 'prometheus.yml')
  writeFileSync(configuration, configurationFor(addresses))
  const port = await freePort()
  const log = join(directory, 'log')
  const logFile = openSync(log, 'w')
  const flags = [
    `--config.file=${configuration}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]
  // The shell's helper waits at the end of a pipe from this process, and ends the server when the pipe closes.
  const watched = '(cat; kill -KILL $$; rm -rf "$0") <&3 >/dev/null 2>&1 & exec "$@" 3<&-'
  const server = spawn('/bin/sh', ['-c', watched, directory, program, ...flags], {
    stdio: ['ignore', logFile, logFile, 'pipe'],
  })
  closeSync(logFile)
  const pipe = server.stdio[3]
  server.unref()
  if (pipe instanceof Socket) pipe.unref()
  const url = new URL(`http://127.0.0.1:${port}`)
  while (!(await isReady(url))) {
    if (server.exitCode !== null || server.signalCode !== null)
      throw new Error(`Prometheus did not start:\n${readFileSync(log, 'utf8')}`)
    await setTimeout(20)
  }
  return {
    url,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => server.once('exit', resolve))
      server.ref()
      server.kill('SIGKILL')
      await ended
      pipe?.destroy()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function configurationFor(addresses: readonly string[]): string {
  return `global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: kepler
    static_configs: [{ targets: ${JSON.stringify(addresses)} }]
`
}

async function isReady(url: URL): Promise<boolean> {
  try {
    return (await fetch(new URL('/-/ready', url))).ok
  } catch {
    return false
  }
}
