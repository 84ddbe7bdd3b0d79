import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../../test/free-port.ts'

/** The Prometheus on this machine, or why there is none. */
export type FoundPrometheus =
  | { readonly kind: 'found'; readonly version: string }
  | { readonly kind: 'missing'; readonly why: string }

export type Prometheus = AsyncDisposable & { readonly url: string; readonly pid: number }

export type PrometheusOptions = {
  readonly target: string
  readonly intervalSeconds: number
  /** The one family that is kept; undefined keeps all, as installed. */
  readonly keep: string | undefined
}

/** Looks for the Debian package, and installs it where that is permitted. */
export function findPrometheus(): FoundPrometheus {
  const found = versionOf()
  if (found !== undefined) return { kind: 'found', version: found }
  if (process.getuid?.() !== 0) {
    return {
      kind: 'missing',
      why: 'it is not installed, and only root may install it: apt-get install prometheus',
    }
  }
  const installed = spawnSync('apt-get', ['install', '--yes', '--no-install-recommends', 'prometheus'], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    encoding: 'utf8',
  })
  const version = versionOf()
  if (version !== undefined) return { kind: 'found', version }
  const why = installed.error?.message ?? installed.stderr.trim().split('\n').at(-1) ?? ''
  return { kind: 'missing', why: `apt-get install prometheus failed: ${why}` }
}

/** The version of Prometheus on this machine; undefined where there is none. */
export function versionOf(): string | undefined {
  const { stdout, stderr } = spawnSync('prometheus', ['--version'], { encoding: 'utf8' })
  return /version (\S+)/.exec(`${stdout ?? ''}${stderr ?? ''}`)?.[1]
}

export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'co2-api-bench-prometheus-'))
  const configuration = path.join(folder, 'prometheus.yml')
  await writeFile(configuration, configurationOf(options))
  const port = await freePort()
  const child = spawn(
    'prometheus',
    [
      `--config.file=${configuration}`,
      `--storage.tsdb.path=${path.join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-admin-api',
      '--log.level=error',
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  const ended = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error(`prometheus ended with ${child.exitCode}`)
    await pause(100)
  }
  return {
    url,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true })
    },
  }
}

function configurationOf({ target, intervalSeconds, keep }: PrometheusOptions): string {
  const { host, pathname } = new URL(target)
  return `global: { scrape_interval: ${intervalSeconds}s, scrape_timeout: ${intervalSeconds}s }
scrape_configs:
  - job_name: kepler
    metrics_path: ${pathname}
    static_configs: [{ targets: ["${host}"] }]
${keep === undefined ? '' : `    metric_relabel_configs: [{ source_labels: [__name__], regex: "${keep}", action: keep }]\n`}`
}

export async function isReady(url: string): Promise<boolean> {
  return await fetch(`${url}/-/ready`).then(
    ({ ok }) => ok,
    () => false,
  )
}
